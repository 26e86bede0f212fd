"""What operators make of our objects stays theirs, is as confined as our own pods, and does not end unseen."""

import re
from copy import deepcopy
from pathlib import Path

import pytest

from tests.kubernetes.built import built
from tests.kubernetes.manifests import DEV, PROD, Manifest, named, of_kind
from tests.kubernetes.operators import ENVOYS, source_of

pytestmark = pytest.mark.tools
OVERLAYS = pytest.mark.parametrize("overlay", [PROD, DEV], ids=lambda overlay: overlay.name)
OF_STRIMZI = ("Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser")
RESOURCES = {"cpu", "memory", "ephemeral-storage"}
CONFINED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def taken_from_strimzi(manifests: list[Manifest]) -> set[str]:
    """The objects of ours that bear a name that Strimzi gives to what it makes, of whatever kind.

    It puts the cluster's name before a pool's, or before one of its own words (`KafkaResources` of its API), and makes
    of each user a Secret of the same name.
    """
    (cluster,) = [kafka["metadata"]["name"] for kafka in of_kind(manifests, "Kafka")]
    pools = [pool["metadata"]["name"] for pool in of_kind(manifests, "KafkaNodePool")]
    words = ["kafka", "network-policy", "entity", "cluster", "clients", "cruise-control", "jmx", *pools]
    made = re.compile(rf"(strimzi-.*-)?{cluster}-({'|'.join(words)})(-.*)?")
    users = {user["metadata"]["name"] for user in of_kind(manifests, "KafkaUser")}
    ours = [each for each in manifests if each["kind"] not in OF_STRIMZI]
    secrets = {_secret_of(each) for each in of_kind(ours, "Secret", "ExternalSecret", "Certificate")}
    return {name for each in ours if made.fullmatch(name := each["metadata"]["name"])} | users & secrets


def _secret_of(manifest: Manifest) -> str:
    spec = manifest.get("spec", {})
    name: str = spec.get("secretName") or spec.get("target", {}).get("name") or manifest["metadata"]["name"]
    return name


@OVERLAYS
def test_no_object_of_ours_bears_a_name_that_strimzi_gives(overlay: Path) -> None:
    assert taken_from_strimzi(built(overlay)) == set()


@pytest.mark.parametrize(
    ("kind", "name", "would_be"),
    [
        ("NetworkPolicy", "egress-from-entity-operator", "kafka-entity-operator"),
        ("NetworkPolicy", "kafka", "kafka-network-policy-kafka"),
        ("PodDisruptionBudget", "mongodb", "kafka-kafka"),
        ("ServiceAccount", "backup", "kafka-brokers"),
        ("ExternalSecret", "mongodb-cards", "cards"),
    ],
)
def test_a_name_of_strimzis_is_found(kind: str, name: str, would_be: str) -> None:
    spoilt = deepcopy(built(PROD))
    named(spoilt, kind, name)["metadata"]["name"] = would_be
    assert taken_from_strimzi(spoilt) == {would_be}


@OVERLAYS
def test_kafkas_pods_are_told_by_their_pool_what_they_may_not_do(overlay: Path) -> None:
    assert "template" not in named(built(overlay), "Kafka", "kafka")["spec"]["kafka"]  # a pool's takes its place, whole
    for pool in of_kind(built(overlay), "KafkaNodePool"):
        template = pool["spec"]["template"]
        assert template["kafkaContainer"]["securityContext"] == CONFINED
        assert template["pod"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pool["spec"]["resources"]["requests"].keys() == pool["spec"]["resources"]["limits"].keys() == RESOURCES


@OVERLAYS
def test_the_entity_operator_is_as_confined_and_says_what_it_takes(overlay: Path) -> None:
    operator = named(built(overlay), "Kafka", "kafka")["spec"]["entityOperator"]
    for part in ("topicOperator", "userOperator"):
        assert operator["template"][f"{part}Container"]["securityContext"] == CONFINED
        assert (
            operator[part]["resources"]["requests"].keys() == operator[part]["resources"]["limits"].keys() == RESOURCES
        )


@OVERLAYS
def test_the_envoys_are_as_confined_and_can_say_that_they_have_drained(overlay: Path) -> None:
    deployment = named(built(overlay), "EnvoyProxy", "portal")["spec"]["provider"]["kubernetes"]["envoyDeployment"]
    assert deployment["container"]["securityContext"] == CONFINED  # of the shutdown manager, too
    manager = (source_of(ENVOYS) / "internal/cmd/envoy/shutdown_manager.go").read_text()
    (said_in,) = re.findall(r'^\tShutdownReadyFile = "(.*)"$', manager, re.MULTILINE)
    patched = deployment["patch"]["value"]["spec"]["template"]["spec"]
    volumes = {each["name"]: each for each in patched["volumes"]}
    containers = {each["name"]: each for each in patched["containers"]}
    (mount,) = containers["shutdown-manager"]["volumeMounts"]
    assert mount["mountPath"] == str(Path(said_in).parent)
    assert volumes[mount["name"]]["emptyDir"]["sizeLimit"]
    for resources in (deployment["container"]["resources"], containers["shutdown-manager"]["resources"]):
        assert resources["requests"].keys() == resources["limits"].keys() == RESOURCES


@OVERLAYS
def test_who_trusts_kafkas_authority_has_a_year_to_hear_of_the_next(overlay: Path) -> None:
    kafka = named(built(overlay), "Kafka", "kafka")["spec"]
    for authority in ("clusterCa", "clientsCa"):
        assert kafka[authority]["validityDays"] > 2 * kafka[authority]["renewalDays"] >= 2 * 365


def test_a_small_cluster_is_asked_for_less() -> None:
    def asked_for(overlay: Path) -> list[str]:
        manifests = built(overlay)
        mongodb = named(manifests, "MongoDBCommunity", "mongodb")["spec"]["statefulSet"]["spec"]
        envoy = named(manifests, "EnvoyProxy", "portal")["spec"]["provider"]["kubernetes"]
        claims = [*mongodb["volumeClaimTemplates"], named(manifests, "PersistentVolumeClaim", "mongodb-backup")]
        return [
            *(each["spec"]["resources"]["requests"]["storage"] for each in claims),
            mongodb["template"]["spec"]["containers"][0]["resources"]["requests"]["memory"],
            envoy["envoyDeployment"]["container"]["resources"]["requests"]["memory"],
            str(envoy["envoyHpa"]["minReplicas"]),
        ]

    assert asked_for(PROD) == ["100Gi", "5Gi", "50Gi", "3Gi", "256Mi", "2"]
    assert asked_for(DEV) == ["5Gi", "1Gi", "5Gi", "768Mi", "128Mi", "1"]
