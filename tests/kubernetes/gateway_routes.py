"""The gateway as the cluster gets it: which request HTTPRoutes send where, and which SecurityPolicy stands before.

Of the routes that fit, the Gateway API takes an exact path before a prefix, a longer prefix before a shorter one, and
one that names the method before one that does not. A policy of a route stands in the place of the Gateway's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.kubernetes.local_gateway import Limits, Way
from tests.kubernetes.manifests import Manifest, of_kind

LISTENER = "https"
EVERYBODY = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True)
class Fit:
    """A match that fits a request, comparable by how well; the route it is of, and who gets the request."""

    is_exact: bool
    length: int
    names_method: bool
    route: str
    service: str | None

    @property
    def order(self) -> tuple[bool, int, bool]:
        """The greatest is taken."""
        return self.is_exact, self.length, self.names_method


def way_of(manifests: Sequence[Manifest], method: str, path: str) -> Way:
    """What becomes of a request that comes over TLS."""
    fit = taken(manifests, method, path)
    return Way(fit.service, _asked(manifests, fit.route))


def taken(manifests: Sequence[Manifest], method: str, path: str) -> Fit:
    """The match that is taken. Raises `ValueError` where none fits, or two fit equally well."""
    fits = sorted(_fits(manifests, method, path), key=lambda fit: fit.order)
    if not fits or (len(fits) > 1 and fits[-1].order == fits[-2].order):
        raise ValueError(f"{method} {path} fits {len(fits)} routes")
    return fits[-1]


def limits_of(manifests: Sequence[Manifest], method: str, path: str) -> Limits | None:
    """What is let through of such requests; null where they are not limited."""
    route = taken(manifests, method, path).route
    limiting = [policy for policy in of_kind(manifests, "BackendTrafficPolicy") if "rateLimit" in policy["spec"]]
    found = [policy for policy in limiting for target in policy["spec"]["targetRefs"] if target["name"] == route]
    return _limits(found[0]) if found else None


def _limits(policy: Manifest) -> Limits:
    """Raises `ValueError` where a version of IP is not limited as the other, in both ways.

    A rule without a selector would be no limit for all: Envoy Gateway asks it only where no other rule fits.
    """
    rules = {}
    for rule in policy["spec"]["rateLimit"]["local"]["rules"]:
        ((selector,), limit) = rule["clientSelectors"], rule["limit"]
        if selector.keys() != {"sourceCIDR"} or limit["unit"] != "Second":
            raise ValueError(f"a limit that is not understood here: {rule}")
        rules[selector["sourceCIDR"]["type"], selector["sourceCIDR"]["value"]] = limit["requests"]
    (of_one,), (of_all,) = ({rules.pop((of, ip), None) for ip in EVERYBODY} for of in ("Distinct", "Exact"))
    if rules or of_one is None or of_all is None:
        raise ValueError(f"not everybody is limited alike: {policy['metadata']['name']}")
    return Limits(of_one, of_all)


def routes(manifests: Sequence[Manifest]) -> list[Manifest]:
    """The routes that hang on the door for browsers."""
    return [route for route in of_kind(manifests, "HTTPRoute") if _hangs_there(route)]


def _hangs_there(route: Manifest) -> bool:
    return any(
        parent["name"] == "portal" and parent["sectionName"] == LISTENER for parent in route["spec"]["parentRefs"]
    )


def _fits(manifests: Sequence[Manifest], method: str, path: str) -> Iterator[Fit]:
    for route in routes(manifests):
        for rule in route["spec"]["rules"]:
            for match in rule["matches"]:
                said = match["path"]["value"].rstrip("/") if match["path"]["value"] != "/" else ""
                if unknown := match.keys() - {"path", "method"}:
                    raise ValueError(f"a match that is not understood here: {unknown}")
                exact = match["path"]["type"] == "Exact"
                fits = path == match["path"]["value"] if exact else path == said or path.startswith(f"{said}/")
                if fits and match.get("method", method) == method:
                    yield Fit(exact, len(said), "method" in match, route["metadata"]["name"], _service(rule))


def _service(rule: dict[str, Any]) -> str | None:
    backends = [backend["name"] for backend in rule.get("backendRefs", [])]
    assert len(backends) <= 1
    return backends[0] if backends else None


def _asked(manifests: Sequence[Manifest], route: str) -> str | None:
    of_route = policies_of(manifests, "HTTPRoute", route)
    (policy,) = of_route or policies_of(manifests, "Gateway", "portal")
    asked: str | None = policy["spec"].get("extAuth", {}).get("http", {}).get("path")
    return asked


def policies_of(manifests: Sequence[Manifest], kind: str, name: str) -> list[Manifest]:
    """The SecurityPolicies that name this route, or this Gateway, in whole or at the door for browsers."""
    return [
        policy
        for policy in of_kind(manifests, "SecurityPolicy")
        for target in policy["spec"]["targetRefs"]
        if (target["kind"], target["name"]) == (kind, name) and target.get("sectionName", LISTENER) == LISTENER
    ]
