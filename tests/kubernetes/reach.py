"""Who reaches whom by the NetworkPolicies: the rules of Kubernetes, asked of pods and addresses that might be there.

A pod that some policy selects for a direction is closed in that direction, but for what a policy says. A connection
needs the leave of both ends; here each end is asked alone, so that the one cannot hide what the other grants too much.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from tests.kubernetes.manifests import NAMESPACE, Manifest, selects

DIRECTIONS = {"Ingress": "from", "Egress": "to"}


@dataclass(frozen=True)
class Pod:
    """A pod that might run, by the labels that policies see."""

    name: str
    labels: Mapping[str, str]
    namespace: str = NAMESPACE

    @property
    def ours(self) -> bool:
        """Whether our policies have a say in what it does."""
        return self.namespace == NAMESPACE


@dataclass(frozen=True)
class Address:
    """Something that is no pod of this cluster."""

    name: str
    ip: str


@dataclass(frozen=True)
class Reach:
    """That one may open a connection to another's port, such as `TCP/8080`."""

    source: str
    target: str
    port: str


Place = Pod | Address
Rules = list[dict[str, Any]] | None


def leaving(policies: Sequence[Manifest], places: Sequence[Place], ports: Iterable[str]) -> set[Reach]:
    """Every connection that the policies let one of our pods open."""
    return {Reach(near, far, port) for near, far, port in _open(policies, "Egress", places, ports)}


def entering(policies: Sequence[Manifest], places: Sequence[Place], ports: Iterable[str]) -> set[Reach]:
    """Every connection that the policies let be opened to one of our pods."""
    return {Reach(far, near, port) for near, far, port in _open(policies, "Ingress", places, ports)}


def _open(
    policies: Sequence[Manifest], direction: str, places: Sequence[Place], ports: Iterable[str]
) -> Iterator[tuple[str, str, str]]:
    """One of our pods, what is at the other end, and the port, by their names."""
    asked = frozenset(ports)
    for near in places:
        if isinstance(near, Pod) and near.ours:
            rules = _rules(policies, direction, near)
            for far in places:
                for port in _let_through(rules, direction, far, asked):
                    yield near.name, far.name, port


def _rules(policies: Sequence[Manifest], direction: str, near: Pod) -> Rules:
    """The rules for what leaves or enters a pod; null where no policy has a say in it."""
    specs = [policy["spec"] for policy in policies if _is_about(policy, direction, near)]
    return [rule for spec in specs for rule in spec.get(direction.lower(), [])] if specs else None


def _is_about(policy: Manifest, direction: str, pod: Pod) -> bool:
    spec = policy["spec"]
    if unknown := set(spec["policyTypes"]) - DIRECTIONS.keys():
        raise ValueError(f"no type of policy is called {unknown}")
    return direction in spec["policyTypes"] and selects(spec["podSelector"], pod.labels)


def _let_through(rules: Rules, direction: str, far: Place, asked: frozenset[str]) -> frozenset[str]:
    if rules is None:
        return asked
    meant = [rule for rule in rules if _is_for(rule.get(DIRECTIONS[direction], []), far)]
    return asked & {port for rule in meant for port in (_ports(rule) or asked)}


def _ports(rule: Mapping[str, Any]) -> set[str]:
    return {f"{each.get('protocol', 'TCP')}/{each['port']}" for each in rule.get("ports", [])}


def _is_for(peers: Sequence[Mapping[str, Any]], far: Place) -> bool:
    return not peers or any(_is_meant(peer, far) for peer in peers)


def _is_meant(peer: Mapping[str, Any], place: Place) -> bool:
    if isinstance(place, Address):
        return "ipBlock" in peer and _within(peer["ipBlock"], place.ip)
    namespace = {"kubernetes.io/metadata.name": place.namespace}
    if "namespaceSelector" in peer and not selects(peer["namespaceSelector"], namespace):
        return False
    if "namespaceSelector" not in peer and not place.ours:
        return False
    return "ipBlock" not in peer and selects(peer.get("podSelector", {}), place.labels)


def _within(block: Mapping[str, Any], ip: str) -> bool:
    inside = ip_address(ip) in ip_network(block["cidr"])
    return inside and not any(ip_address(ip) in ip_network(other) for other in block.get("except", []))


def ports_named(policies: Iterable[Manifest]) -> Iterator[str]:
    """Every port that a policy names."""
    for policy in policies:
        for direction in DIRECTIONS:
            for rule in policy["spec"].get(direction.lower(), []):
                yield from _ports(rule)
