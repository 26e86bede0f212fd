"""Without a cluster: each object of each overlay fits its schema, none scores critical, and what spoils is found."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from deploy.kubernetes.check.checks import KUBERNETES, OVERLAYS
from tests.kubernetes import local_gateway
from tests.kubernetes.built import built, checker
from tests.kubernetes.manifests import DEV, PROD, Manifest, named, of_kind, pod_template, settings_of

pytestmark = pytest.mark.tools
EACH = pytest.mark.parametrize(
    "overlay", [KUBERNETES / "overlays" / name for name in OVERLAYS], ids=lambda path: path.name
)


def text_of(manifests: list[Manifest]) -> str:
    """The manifests as they are handed to the tools."""
    return yaml.dump_all(manifests, Dumper=yaml.CSafeDumper)


def unfit(manifest: Manifest) -> list[str]:
    """What its schema says against it."""
    return [str(finding) for finding in checker().against_schemas(text_of([manifest]))]


def test_every_overlay_there_is_is_checked() -> None:
    assert {path.parent.name for path in KUBERNETES.glob("overlays/*/kustomization.yaml")} == set(OVERLAYS)


@EACH
def test_every_object_fits_the_schema_of_its_kind(overlay: Path) -> None:
    assert checker().against_schemas(text_of(built(overlay))) == []


@EACH
def test_kube_score_finds_nothing_critical(overlay: Path) -> None:
    assert checker().scored(text_of(built(overlay))) == []


def test_the_gateway_begins_as_many_traces_as_the_services_are_told_and_says_nothing_of_the_client() -> None:
    traced = named(built(PROD), "EnvoyProxy", "portal")["spec"]["telemetry"]["tracing"]
    fraction = traced["samplingFraction"]
    told = settings_of(PROD, "environment")
    assert fraction["numerator"] / fraction["denominator"] == float(told["OTEL_TRACES_SAMPLER_ARG"])
    assert traced["provider"]["host"] == urlsplit(told["OTEL_EXPORTER_OTLP_ENDPOINT"]).hostname
    tags = {name: tag["literal"]["value"] for name, tag in traced["customTags"].items()}
    assert tags == local_gateway.overwritten_tags()
    assert "telemetry" in named(built(DEV), "EnvoyProxy", "portal")["spec"]
    assert "tracing" not in named(built(DEV), "EnvoyProxy", "portal")["spec"]["telemetry"]


def test_what_a_client_may_not_say_is_taken_away_as_on_one_machine() -> None:
    removed = named(built(PROD), "ClientTrafficPolicy", "portal")["spec"]["headers"]["earlyRequestHeaders"]["remove"]
    assert {*removed} == {*local_gateway.removed_headers(), *local_gateway.added_headers()}


def test_a_pod_without_seccomp_is_found() -> None:
    spoilt = deepcopy(built(PROD))
    for workload in ("identity", "cards-bus"):
        del pod_template(named(spoilt, "Deployment", workload))["spec"]["securityContext"]["seccompProfile"]
    found = checker().scored(text_of(spoilt))
    assert {finding.resource for finding in found} == {"Deployment/identity", "Deployment/cards-bus"}


def test_a_pod_that_may_write_everywhere_is_found() -> None:
    spoilt = deepcopy(built(PROD))
    pod_template(named(spoilt, "Job", "cards-prepare"))["spec"]["containers"][0]["securityContext"].clear()
    assert {finding.resource for finding in checker().scored(text_of(spoilt))} == {"Job/cards-prepare"}


@pytest.mark.parametrize("way", ["spec", "metadata", "apiVersion"])
def test_a_misspelt_field_is_found_in_every_kind(way: str) -> None:
    kinds = {each["kind"]: each for each in built(PROD) if "spec" in each}
    assert {"KafkaTopic", "SecurityPolicy", "ExternalSecret", "ScaledObject", "MongoDBCommunity"} <= kinds.keys()
    spoilt = [deepcopy(each) for each in kinds.values()]
    for each in spoilt:
        if way == "apiVersion":
            each["apiVersion"] += "0"
        else:
            field = next(iter(each[way]))
            each[way][f"{field}x"] = each[way].pop(field)
    found = checker().against_schemas(text_of(spoilt))
    assert {finding.resource.split("/")[0] for finding in found} == kinds.keys()


@pytest.mark.parametrize(
    ("kind", "name", "spoil"),
    [
        ("NetworkPolicy", "default-deny", lambda m: m["spec"].update(policyTypes=["Ingres", "Egress"])),
        ("NetworkPolicy", "dns", lambda m: m["spec"]["egress"][0]["ports"][0].update(protocol="UPD")),
        ("Deployment", "portal", lambda m: pod_template(m)["spec"].update(securityContex={})),
        ("Deployment", "portal", lambda m: pod_template(m)["spec"]["containers"][0].update(imagePullPolicy="always")),
        ("KafkaTopic", "cards.state", lambda m: m["spec"].update(replicas="3")),
        ("KafkaUser", "keda", lambda m: m["spec"]["authentication"].update(type="plain")),
        ("SecurityPolicy", "asks-required", lambda m: m["spec"]["extAuth"].update(failClosed=True)),
        ("BackendTrafficPolicy", "portal", lambda m: m["spec"]["retry"]["retryOn"].update(triggers=["connect-fail"])),
        ("MongoDBCommunity", "mongodb", lambda m: m["spec"]["security"]["tls"].update(enabled="yes")),
        ("Certificate", "mongodb", lambda m: m["spec"].pop("secretName")),
        ("Certificate", "portal", lambda m: m["metadata"].pop("namespace")),
        ("GatewayClass", "envoy-gateway", lambda m: m["metadata"].update(namespace="medonline")),
        ("Kafka", "kafka", lambda m: m.update(kind="Kavka")),
    ],
)
def test_what_the_api_server_would_refuse_or_drop_is_found(
    kind: str, name: str, spoil: Callable[[Manifest], object]
) -> None:
    spoilt = deepcopy(named(built(PROD), kind, name))
    assert unfit(spoilt) == []
    spoil(spoilt)
    assert len(unfit(spoilt)) == 1


def test_a_field_that_is_there_twice_is_found() -> None:
    text = text_of(of_kind(built(PROD), "KafkaTopic")[:1])
    assert checker().against_schemas(text.replace("  replicas: 3\n", "  replicas: 3\n  replicas: 1\n"))
