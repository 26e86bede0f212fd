"""Kafka's topics, users and rights, and what scales the bus, are what the contracts and the services' code say."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from medonline_contracts.topics import HOSPITAL, TOPICS
from ops.acls import acl_of
from ops.differences import acl_differences
from ops.grants import CLUSTER, KEDA, ROLES, Grant, Operation, Resource, grants_of
from tests.kubernetes import as_coded
from tests.kubernetes.manifests import DEV, PROD, ROOT, Manifest, manifests_of, named, of_kind, settings_of
from tests.kubernetes.needs import service_and_role

OF_KAFKA = ("Kafka", "KafkaTopic", "KafkaUser", "ScaledObject", "TriggerAuthentication", "ConfigMap", "Deployment")
WRITTEN = of_kind(manifests_of(PROD), *OF_KAFKA)
WITH_HOSPITAL = [*WRITTEN, *manifests_of(ROOT / "components/hospital")]
KINDS = {
    "topic": Resource.TOPIC,
    "group": Resource.GROUP,
    "transactionalId": Resource.TRANSACTIONAL_ID,
    "cluster": Resource.CLUSTER,
}
WITH_BUS = [service for service in as_coded.SERVICES if as_coded.keeps_a_log(service)]


def granted(user: Manifest) -> set[Grant]:
    """What a KafkaUser may do, in the words of `ops grants`. Raises `ValueError` for what these cannot say."""
    found = set()
    for acl in user["spec"]["authorization"]["acls"]:
        if acl.get("host", "*") != "*" or acl.get("type", "allow") != "allow":
            raise ValueError("a right that is not simply given")
        resource = acl["resource"]
        is_prefix = {"literal": False, "prefix": True}[resource.get("patternType", "literal")]
        name = CLUSTER if resource["type"] == "cluster" else resource["name"]
        found |= {Grant(Operation(each), KINDS[resource["type"]], name, is_prefix) for each in acl["operations"]}
    return found


def topics(manifests: list[Manifest]) -> dict[str, tuple[int, dict[str, str]]]:
    """The declared topics: partitions and configuration, as a broker would tell them."""
    return {
        each["spec"].get("topicName", each["metadata"]["name"]): (
            each["spec"]["partitions"],
            {key: str(value) for key, value in each["spec"]["config"].items()},
        )
        for each in of_kind(manifests, "KafkaTopic")
    }


def contracted() -> dict[str, tuple[int, dict[str, str]]]:
    """The same by the contracts; how many replicas have to hold a record is a matter of the cluster."""
    return {topic.name: (topic.partitions, {**topic.config, "min.insync.replicas": "2"}) for topic in TOPICS}


def lags_watched(service: str) -> set[tuple[str, str]]:
    """The groups and topics by whose lag a service's bus is scaled."""
    triggers = named(WRITTEN, "ScaledObject", f"{service}-bus")["spec"]["triggers"]
    return {(each["metadata"]["consumerGroup"], each["metadata"]["topic"]) for each in triggers}


def test_the_topics_are_those_of_the_contracts() -> None:
    assert topics(WRITTEN) == contracted()


def test_a_topic_outlives_any_one_broker() -> None:
    assert {topic["spec"]["replicas"] for topic in of_kind(WRITTEN, "KafkaTopic")} == {3}


def granted_to_all(manifests: list[Manifest]) -> dict[str, set[Grant]]:
    """What each user may do."""
    return {user["metadata"]["name"]: granted(user) for user in of_kind(manifests, "KafkaUser")}


def needed_by_all(manifests: list[Manifest]) -> dict[str, set[Grant]]:
    """The same by the contracts, and for KEDA by what it is to scale by: the lag of a group, in any generation."""
    scaled = of_kind(manifests, "ScaledObject")
    lags = [trigger["metadata"] for each in scaled for trigger in each["spec"]["triggers"]]
    seen = {Grant(Operation.DESCRIBE, Resource.TOPIC, lag["topic"]) for lag in lags}
    seen |= {Grant(Operation.DESCRIBE, Resource.GROUP, lag["consumerGroup"], prefix=True) for lag in lags}
    return {user: set(grants_of(user, user)) for user in ROLES} | {KEDA: seen}


def test_there_is_a_user_for_each_role_and_keda_but_none_for_a_hospital_that_nobody_named() -> None:
    assert granted_to_all(WRITTEN).keys() == {*ROLES, KEDA} - {HOSPITAL}


@pytest.mark.parametrize("user", [*ROLES, KEDA])
def test_a_user_may_do_what_it_needs_and_no_more(user: str) -> None:
    assert granted_to_all(WITH_HOSPITAL)[user] == needed_by_all(WITH_HOSPITAL)[user]


def test_nothing_that_is_granted_here_is_a_finding_of_ops() -> None:
    granted_here = granted_to_all(WITH_HOSPITAL).items()
    rights = {acl_of(user, grant) for user, grants in granted_here for grant in grants}
    assert list(acl_differences(rights, TOPICS)) == []


def test_keda_neither_reads_nor_writes() -> None:
    assert {grant.operation for grant in granted(named(WRITTEN, "KafkaUser", KEDA))} == {Operation.DESCRIBE}


def test_a_hospital_cannot_take_a_broker_for_itself() -> None:
    quotas = named(WITH_HOSPITAL, "KafkaUser", HOSPITAL)["spec"]["quotas"]
    assert quotas["consumerByteRate"] <= 10 * 1024 * 1024
    assert quotas["producerByteRate"] <= 1024
    assert quotas["requestPercentage"] <= 50


@pytest.mark.parametrize("user", of_kind(WITH_HOSPITAL, "KafkaUser"), ids=lambda user: user["metadata"]["name"])
def test_a_user_proves_who_it_is(user: Manifest) -> None:
    assert user["spec"]["authentication"] == {"type": "scram-sha-512"}
    assert user["spec"]["authorization"]["type"] == "simple"


def test_kafka_asks_everyone_who_comes() -> None:
    said = named(WRITTEN, "Kafka", "kafka")["spec"]["kafka"]
    assert said["authorization"] == {"type": "simple"}
    for listener in said["listeners"]:
        assert listener["tls"] is True
        assert listener["authentication"] == {"type": "scram-sha-512"}


@pytest.mark.parametrize("service", WITH_BUS)
def test_the_bus_is_scaled_by_every_lag_of_its_groups_and_no_other(service: str) -> None:
    groups = as_coded.groups_of(service)
    assert lags_watched(service) == {(group, topic) for group, read in groups.items() for topic in read}


@pytest.mark.parametrize("overlay", [PROD, DEV], ids=lambda overlay: overlay.name)
def test_no_more_members_are_started_than_there_are_partitions(overlay: Any) -> None:
    partitions = {topic.name: topic.partitions for topic in TOPICS}
    for scaled in of_kind(manifests_of(overlay), "ScaledObject"):
        read = {trigger["metadata"]["topic"] for trigger in scaled["spec"]["triggers"]}
        assert scaled["spec"]["maxReplicaCount"] <= min(partitions[topic] for topic in read)


@pytest.mark.parametrize("service", WITH_BUS)
def test_the_lag_is_looked_at_as_keda_and_not_as_the_service(service: str) -> None:
    scaled = named(WRITTEN, "ScaledObject", f"{service}-bus")["spec"]
    address, _, port = settings_of(PROD, "environment")["KAFKA_BOOTSTRAP_SERVERS"].partition(":")
    for trigger in scaled["triggers"]:
        assert trigger["metadata"]["bootstrapServers"] == f"{address}.medonline.svc:{port}"  # KEDA asks from outside
        access = named(WRITTEN, "TriggerAuthentication", trigger["authenticationRef"]["name"])["spec"]
        assert {each["parameter"]: (each["name"], each["key"]) for each in access["secretTargetRef"]} == {
            "password": (KEDA, "password"),
            "ca": ("kafka-cluster-ca-cert", "ca.crt"),
        }
        (username,) = access["configMapTargetRef"]
        assert username["parameter"] == "username"
        assert named(WRITTEN, "ConfigMap", username["name"])["data"][username["key"]] == KEDA
    assert service_and_role(named(WRITTEN, "Deployment", scaled["scaleTargetRef"]["name"])) == (service, "bus")


def _acls(manifests: list[Manifest], user: str) -> Any:
    return named(manifests, "KafkaUser", user)["spec"]["authorization"]["acls"]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda m: _acls(m, "hospital").pop(), id="a hospital without groups"),
        pytest.param(lambda m: _acls(m, "hospital")[0]["operations"].append("Write"), id="a hospital that writes"),
        pytest.param(lambda m: _acls(m, "hospital")[0]["resource"].update(name="*"), id="a hospital that reads all"),
        pytest.param(lambda m: _acls(m, "cards")[0]["resource"].update(patternType="prefix"), id="a prefix"),
        pytest.param(lambda m: m.remove(named(m, "KafkaUser", "settings")), id="a service without a user"),
        pytest.param(lambda m: _acls(m, KEDA)[0]["operations"].append("Read"), id="KEDA reads"),
        pytest.param(lambda m: _acls(m, KEDA).pop(), id="KEDA does not see a group"),
    ],
)
def test_rights_that_are_more_or_less_are_found(spoil: Callable[[list[Manifest]], object]) -> None:
    spoilt = deepcopy(WITH_HOSPITAL)
    spoil(spoilt)
    assert granted_to_all(spoilt) != needed_by_all(spoilt)


def test_the_rights_are_found_as_they_are() -> None:
    assert granted_to_all(WITH_HOSPITAL) == needed_by_all(WITH_HOSPITAL)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_that_nobody_may_write_or_read_is_found(topic: Any) -> None:
    spoilt = deepcopy(WITH_HOSPITAL)
    for user in of_kind(spoilt, "KafkaUser"):
        rights = user["spec"]["authorization"]
        rights["acls"] = [acl for acl in rights["acls"] if acl["resource"].get("name") != topic.name]
    assert granted_to_all(spoilt) != needed_by_all(spoilt)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_of_another_name_is_found(topic: Any) -> None:
    spoilt = deepcopy(WRITTEN)
    named(spoilt, "KafkaTopic", topic.name)["metadata"]["name"] = "another"
    assert topics(spoilt) != contracted()
