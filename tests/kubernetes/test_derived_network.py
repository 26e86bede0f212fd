"""Who may reach whom in the cluster is who has to, by the code: no connection more, and none less."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kubernetes.landscape import WORKLOADS, places, policies
from tests.kubernetes.manifests import DEV, PROD, ROOT, Manifest, manifests_of, named, of_kind
from tests.kubernetes.needs import OPEN_TO_ALL, needs_of
from tests.kubernetes.reach import DIRECTIONS, Pod, Reach, entering, leaving, ports_named
from tests.kubernetes.test_kubernetes_page import row

KINDS = ("Service", "ScaledObject", "Kafka", "KafkaNodePool", "MongoDBCommunity", "ExternalSecret", "Issuer")
METRICS = "components/monitoring/kafka-metrics.yaml"


def watched(overlay: Path) -> list[Manifest]:
    """What the overlay's files hold, Kafka telling its figures: the one patch that makes Strimzi open a port."""
    manifests = deepcopy(manifests_of(overlay))
    figures = yaml.safe_load((ROOT / METRICS).read_text())["spec"]["kafka"]
    named(manifests, "Kafka", "kafka")["spec"]["kafka"] |= figures
    return manifests


WRITTEN = of_kind(watched(PROD), "NetworkPolicy", *WORKLOADS, *KINDS)
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
    open_to_all = {
        Reach(place.name, target, port)
        for place in places(manifests)
        for target, ports in OPEN_TO_ALL.items()
        for port in ports
    }
    return {
        "out": {each for each in needs if each.source in ours},
        "in": {each for each in needs if each.target in ours} | open_to_all,
    }


NEEDED = needed(WRITTEN, PROD)


@pytest.mark.parametrize("overlay", [PROD, DEV], ids=lambda overlay: overlay.name)
@pytest.mark.parametrize("way", ["out", "in"])
def test_every_connection_that_the_code_needs_is_let_through_and_no_other(overlay: Path, way: str) -> None:
    manifests = watched(overlay)
    let_through, wanted = granted(manifests)[way], needed(manifests, overlay)[way]
    assert sorted(map(str, let_through - wanted)) == []
    assert sorted(map(str, wanted - let_through)) == []


def test_whoever_is_not_spoken_of_is_shut_off_both_ways() -> None:
    assert _spec(WRITTEN, "default-deny") == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_only_identity_goes_out_into_the_world() -> None:
    assert {reach.source for reach in granted(WRITTEN)["out"] if reach.target == "gosuslugi"} == {"identity"}


def test_no_http_process_reaches_kafka() -> None:
    reached = {
        reach.source
        for reach in granted(WRITTEN)["in"]
        if reach.target == "brokers" and reach.port not in OPEN_TO_ALL["brokers"]
    }
    assert "cards-bus" in reached
    assert not reached & {"identity", "cards", "settings", "portal"}


def test_what_is_open_to_all_is_what_the_page_says() -> None:
    named_there = {f"TCP/{port}" for port in re.findall(r"\d{4}", row("anybody"))}
    assert named_there == set().union(*OPEN_TO_ALL.values())


def test_kafka_is_open_to_all_only_where_it_tells_its_figures() -> None:
    silent = of_kind(manifests_of(PROD), "NetworkPolicy", *WORKLOADS, *KINDS)
    more = granted(WRITTEN)["in"] - granted(silent)["in"]
    assert {(each.target, each.port) for each in more} == {("brokers", "TCP/9404"), ("controllers", "TCP/9404")}
    assert {each.source for each in more} == {place.name for place in places(WRITTEN)}


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
            lambda m: _spec(m, "gosuslugi-from-identity")["egress"][0]["to"][0]["ipBlock"].pop("except"),
            id="the house, too",
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
