"""Who may reach whom in the cluster is who has to, by the code: no connection more, and none less."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.kubernetes.landscape import WORKLOADS, places, policies
from tests.kubernetes.manifests import DEV, PROD, Manifest, manifests_of, named, of_kind
from tests.kubernetes.needs import needs_of
from tests.kubernetes.reach import DIRECTIONS, Pod, Reach, entering, leaving, ports_named

KINDS = ("Service", "ScaledObject", "Kafka", "KafkaNodePool", "MongoDBCommunity", "ExternalSecret", "Issuer")
WRITTEN = of_kind(manifests_of(PROD), "NetworkPolicy", *WORKLOADS, *KINDS)
PORTS = {*ports_named(policies(WRITTEN)), "TCP/22", "TCP/443", "TCP/31337", "UDP/8080"}  # the last should be no one's


def granted(manifests: list[Manifest]) -> dict[str, set[Reach]]:
    """What the policies let out and in, on every port that any of them names and some that none should."""
    said, there = policies(manifests), places(manifests)
    ports = {*PORTS, *ports_named(said)}
    return {"out": leaving(said, there, ports), "in": entering(said, there, ports)}


def needed(manifests: list[Manifest], overlay: Path) -> dict[str, set[Reach]]:
    """What the code needs our pods to be let open, and to be let receive."""
    ours = {place.name for place in places(manifests) if isinstance(place, Pod) and place.ours}
    needs = needs_of(manifests, overlay)
    return {
        "out": {each for each in needs if each.source in ours},
        "in": {each for each in needs if each.target in ours},
    }


NEEDED = needed(WRITTEN, PROD)


@pytest.mark.parametrize("overlay", [PROD, DEV], ids=lambda overlay: overlay.name)
@pytest.mark.parametrize("way", ["out", "in"])
def test_every_connection_that_the_code_needs_is_let_through_and_no_other(overlay: Path, way: str) -> None:
    manifests = manifests_of(overlay)
    let_through, wanted = granted(manifests)[way], needed(manifests, overlay)[way]
    assert sorted(map(str, let_through - wanted)) == []
    assert sorted(map(str, wanted - let_through)) == []


def test_whoever_is_not_spoken_of_is_shut_off_both_ways() -> None:
    assert _spec(WRITTEN, "default-deny") == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_only_identity_goes_out_into_the_world() -> None:
    assert {reach.source for reach in granted(WRITTEN)["out"] if reach.target == "gosuslugi"} == {"identity"}


def test_no_http_process_reaches_kafka() -> None:
    reached = {reach.source for reach in granted(WRITTEN)["in"] if reach.target == "brokers"}
    assert not reached & {"identity", "cards", "settings", "portal"}


def _peers() -> Iterator[Any]:
    for policy in of_kind(WRITTEN, "NetworkPolicy"):
        for direction, key in DIRECTIONS.items():
            for place, rule in enumerate(policy["spec"].get(direction.lower(), [])):
                for number in range(len(rule[key])):
                    name = policy["metadata"]["name"]
                    yield pytest.param(
                        name, direction, place, number, id=f"{name}-{direction}-{place}-{number}".lower()
                    )


EACH_PEER = pytest.mark.parametrize(("name", "direction", "place", "number"), list(_peers()))


@pytest.mark.parametrize("name", [policy["metadata"]["name"] for policy in of_kind(WRITTEN, "NetworkPolicy")])
def test_a_policy_that_is_missing_is_found(name: str) -> None:
    without = [each for each in WRITTEN if each["kind"] != "NetworkPolicy" or each["metadata"]["name"] != name]
    assert granted(without) != NEEDED


@EACH_PEER
def test_a_peer_that_is_missing_is_found(name: str, direction: str, place: int, number: int) -> None:
    spoilt = deepcopy(WRITTEN)
    rules = named(spoilt, "NetworkPolicy", name)["spec"][direction.lower()]
    del rules[place][DIRECTIONS[direction]][number]
    if not rules[place][DIRECTIONS[direction]]:
        del rules[place]
    assert granted(spoilt) != NEEDED


@EACH_PEER
def test_a_rule_for_any_port_is_found(name: str, direction: str, place: int, number: int) -> None:
    spoilt = deepcopy(WRITTEN)
    del named(spoilt, "NetworkPolicy", name)["spec"][direction.lower()][place]["ports"]
    way = {"Egress": "out", "Ingress": "in"}[direction]
    assert granted(spoilt)[way] > NEEDED[way]


def _spec(manifests: list[Manifest], name: str) -> Any:
    return named(manifests, "NetworkPolicy", name)["spec"]


def _listener(manifests: list[Manifest]) -> Any:
    (listener,) = named(manifests, "Kafka", "kafka")["spec"]["kafka"]["listeners"]
    return listener


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(
            lambda m: _spec(m, "identity")["egress"][2]["to"][0]["ipBlock"].pop("except"), id="the house, too"
        ),
        pytest.param(lambda m: _spec(m, "identity")["ingress"][0]["from"].append({"podSelector": {}}), id="all pods"),
        pytest.param(lambda m: _spec(m, "cards")["ingress"][0]["from"][0].pop("podSelector"), id="any gateway"),
        pytest.param(lambda m: _spec(m, "cards")["ingress"][0]["from"][0].pop("namespaceSelector"), id="no gateway"),
        pytest.param(lambda m: _spec(m, "portal")["egress"].append({}), id="the whole world"),
        pytest.param(lambda m: _spec(m, "prometheus")["podSelector"].pop("matchExpressions"), id="the jobs, too"),
        pytest.param(lambda m: _spec(m, "default-deny")["policyTypes"].remove("Ingress"), id="no default for ingress"),
        pytest.param(lambda m: _listener(m).pop("networkPolicyPeers"), id="Kafka for all"),
        pytest.param(lambda m: _listener(m)["networkPolicyPeers"].pop(), id="KEDA sees no lag"),
    ],
)
def test_policies_that_grant_more_or_less_are_found(spoil: Callable[[list[Manifest]], object]) -> None:
    spoilt = deepcopy(WRITTEN)
    spoil(spoilt)
    assert granted(spoilt) != NEEDED


def test_a_misspelt_type_of_policy_is_found() -> None:
    spoilt = deepcopy(WRITTEN)
    _spec(spoilt, "default-deny")["policyTypes"] = ["Ingres", "Egress"]
    with pytest.raises(ValueError, match="Ingres"):
        granted(spoilt)
