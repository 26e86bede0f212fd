"""The gateway of the cluster does with every request what the gateway of one machine does."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.kubernetes import gateway_routes, local_gateway
from tests.kubernetes.local_gateway import METHODS
from tests.kubernetes.manifests import PROD, Manifest, manifests_of, named, of_kind

OF_THE_DOOR = ("HTTPRoute", "SecurityPolicy", "ClientTrafficPolicy", "BackendTrafficPolicy")
WRITTEN = of_kind(manifests_of(PROD), *OF_THE_DOOR)
LIMITED = local_gateway.limited_paths()
PATHS = sorted({*local_gateway.probes(), *(f"{path}{more}" for path in LIMITED for more in ("", "/x", "x"))})
PASSWORD = {"/sign-in", "/api/settings/sign-ins"}
GOSUSLUGI = ("/sign-in/esia", "/registration", "/esia/callback", "/api/identity/attempts")


@pytest.mark.parametrize("path", PATHS)
def test_a_request_goes_where_it_goes_on_one_machine_and_identity_is_asked_the_same(path: str) -> None:
    local = {method: local_gateway.way_of(method, path) for method in METHODS}
    assert {method: gateway_routes.way_of(WRITTEN, method, path) for method in METHODS} == local


@pytest.mark.parametrize("path", PATHS)
def test_what_is_limited_on_one_machine_is_limited_here_and_as_much(path: str) -> None:
    for method in METHODS:
        assert gateway_routes.limits_of(WRITTEN, method, path) == local_gateway.limits_of(method, path)


@pytest.mark.parametrize("path", PATHS)
def test_the_ways_to_gosuslugi_and_passwords_are_limited_and_nothing_else(path: str) -> None:
    to_gosuslugi = any(path == way or path.startswith(f"{way}/") for way in GOSUSLUGI)
    limited = {method for method in METHODS if local_gateway.limits_of(method, path)}
    assert limited == (set(METHODS) if to_gosuslugi else {"POST"} if path in PASSWORD else set())


def test_one_address_may_take_a_part_of_what_all_may_take() -> None:
    for path in (*GOSUSLUGI, *PASSWORD):
        limits = local_gateway.limits_of("POST", f"{path}?region=RU-STA")
        assert limits is not None
        assert limits.of_one * 5 <= limits.of_all


def test_identity_is_told_the_same_headers_and_believed_in_the_same() -> None:
    asking = [policy["spec"]["extAuth"] for policy in of_kind(WRITTEN, "SecurityPolicy") if "extAuth" in policy["spec"]]
    assert len(asking) == len(local_gateway.FILTERS)
    for asked in asking:
        assert asked["failOpen"] is False
        assert set(asked["headersToExtAuth"]) == local_gateway.told_headers()
        assert set(asked["http"]["headersToBackend"]) == local_gateway.believed_headers()


def test_nobody_outside_says_what_only_identity_may_say() -> None:
    removed = named(WRITTEN, "ClientTrafficPolicy", "portal")["spec"]["headers"]["earlyRequestHeaders"]["remove"]
    assert local_gateway.believed_headers() <= set(removed)


def test_each_service_hears_the_clients_address_from_the_gateway() -> None:
    for route in gateway_routes.routes(WRITTEN):
        for rule in route["spec"]["rules"]:
            if "backendRefs" in rule:
                (said,) = [each["requestHeaderModifier"]["set"] for each in rule["filters"]]
                assert {each["name"]: each["value"] for each in said} == local_gateway.added_headers()


def test_a_body_has_the_same_limit() -> None:
    limit = named(WRITTEN, "BackendTrafficPolicy", "portal")["spec"]["requestBuffer"]["limit"]
    assert int(limit.removesuffix("Ki")) * 1024 == local_gateway.body_limit()


def _agrees(manifests: list[Manifest]) -> bool:
    try:
        return all(
            gateway_routes.way_of(manifests, method, path) == local_gateway.way_of(method, path)
            and gateway_routes.limits_of(manifests, method, path) == local_gateway.limits_of(method, path)
            for method in METHODS
            for path in PATHS
        )
    except ValueError:
        return False


def _matches(manifests: list[Manifest], route: str) -> Any:
    return named(manifests, "HTTPRoute", route)["spec"]["rules"][0]["matches"]


def _rules(manifests: list[Manifest]) -> Any:
    return named(manifests, "BackendTrafficPolicy", "limited-pages")["spec"]["rateLimit"]["local"]["rules"]


def _open(manifests: list[Manifest], route: str) -> None:
    targets = named(manifests, "SecurityPolicy", "asks-none")["spec"]["targetRefs"]
    targets.append({"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": route})


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda m: _matches(m, "signed-in-pages").pop(), id="settings may be looked at unasked"),
        pytest.param(lambda m: _matches(m, "not-for-outside").pop(), id="the keys are published to the world"),
        pytest.param(lambda m: _open(m, "signed-in-api"), id="the API asks nobody"),
        pytest.param(lambda m: m.remove(named(m, "SecurityPolicy", "asks-required")), id="no session is required"),
        pytest.param(lambda m: m.remove(named(m, "HTTPRoute", "signed-in-api")), id="the API is not there"),
        pytest.param(lambda m: _rules(m).pop(0), id="one address may take all"),
        pytest.param(lambda m: _rules(m).pop(), id="all addresses together may take anything"),
        pytest.param(lambda m: _rules(m)[0]["limit"].update(requests=21), id="one address may take more"),
        pytest.param(lambda m: m.remove(named(m, "HTTPRoute", "password-page")), id="passwords are tried for ever"),
        pytest.param(
            lambda m: _matches(m, "static").append({"path": {"type": "PathPrefix", "value": "/cards"}}), id="cards"
        ),
    ],
)
def test_routes_that_grant_more_or_less_are_found(spoil: Callable[[list[Manifest]], object]) -> None:
    spoilt = deepcopy(WRITTEN)
    spoil(spoilt)
    assert not _agrees(spoilt)


def test_the_routes_are_found_as_they_are() -> None:
    assert _agrees(WRITTEN)
