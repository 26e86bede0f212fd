"""What our pods are told, mount and are asked fits the code that runs in them."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml
from fastapi import FastAPI

from chassis.health import Stateless, add_health
from chassis.roles import Role
from chassis.serving import GRACE_SECONDS
from chassis.trace_export import EXPORT_SECONDS
from eventlog.process import SHUTDOWN_SECONDS
from eventlog.supervisor import GOODBYE_SECONDS
from ops.config import SERVICES as SERVICES_OF_OPS
from ops.config import WITHOUT_LOG
from ops.config import Config as OpsConfig
from services.portal.regions import OpenRegions
from tests.kubernetes import as_coded
from tests.kubernetes.landscape import WORKLOADS
from tests.kubernetes.local_gateway import routes
from tests.kubernetes.manifests import (
    PROD,
    ROOT,
    Manifest,
    container,
    environment_of,
    manifests_of,
    named,
    of_kind,
    pod_template,
    settings_of,
)
from tests.kubernetes.needs import service_and_role

WRITTEN = manifests_of(PROD)
OURS = of_kind(WRITTEN, *WORKLOADS)
PROCESSES = [workload for workload in OURS if service_and_role(workload)]
KAFKA_ACCESS = {"KAFKA_SECURITY_PROTOCOL", "KAFKA_CA_FILE", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD"}
SERVING = yaml.safe_load((ROOT / "base/rules/serving.yaml").read_text())["spec"]["template"]["spec"]["containers"][0]
POD = yaml.safe_load((ROOT / "base/rules/deployment.yaml").read_text())["spec"]["template"]["spec"]


def by_name(workload: Manifest) -> str:
    """For the name of a test."""
    return str(workload["metadata"]["name"])


def service_of(workload: Manifest) -> tuple[str, Role]:
    """Which service it runs, in which role."""
    running = service_and_role(workload)
    assert running
    return running


def test_each_service_has_a_deployment_for_requests_and_with_a_log_one_for_its_bus_and_a_job_before() -> None:
    wanted = {(service, Role.HTTP) for service in as_coded.SERVICES}
    wanted |= {
        (service, role)
        for service in as_coded.SERVICES
        if as_coded.keeps_a_log(service)
        for role in (Role.BUS, Role.PREPARE)
    }
    assert sorted(map(service_of, PROCESSES)) == sorted(wanted)
    assert {each["kind"] for each in PROCESSES if service_of(each)[1] is Role.PREPARE} == {"Job"}


@pytest.mark.parametrize("workload", PROCESSES, ids=by_name)
def test_a_process_is_told_all_that_it_needs_and_nothing_that_it_does_not_read(workload: Manifest) -> None:
    config = as_coded.config_of(service_of(workload)[0])
    told = environment_of(workload, PROD).keys()
    assert as_coded.required(config) <= told
    shared = settings_of(PROD, "environment").keys()
    assert told - shared <= as_coded.known(config)
    assert shared <= set().union(*(as_coded.known(as_coded.config_of(service)) for service in as_coded.SERVICES))


@pytest.mark.parametrize("workload", PROCESSES, ids=by_name)
def test_who_does_not_work_between_mongodb_and_kafka_has_no_password_for_kafka(workload: Manifest) -> None:
    works = service_of(workload)[1].works
    assert environment_of(workload, PROD).keys() & KAFKA_ACCESS == (KAFKA_ACCESS if works else set())


def test_ops_is_told_all_that_it_needs_and_asks_every_service() -> None:
    told = environment_of(named(WRITTEN, "StatefulSet", "ops"), PROD)
    assert as_coded.required(OpsConfig) <= told.keys()
    read = OpsConfig.model_validate(
        {"mongodb_uri": "mongodb://x", "kafka_bootstrap_servers": "x", "ops_service_urls": _urls(told)}
    )
    assert read.ops_service_urls.keys() == {*SERVICES_OF_OPS, *WITHOUT_LOG} == set(as_coded.SERVICES)


def test_ops_looks_for_the_replicas_that_the_topics_have() -> None:
    told = environment_of(named(WRITTEN, "StatefulSet", "ops"), PROD)
    for topic in of_kind(WRITTEN, "KafkaTopic"):
        assert told["OPS_TOPIC_REPLICAS"] == str(topic["spec"]["replicas"])
        assert told["OPS_TOPIC_MIN_IN_SYNC"] == str(topic["spec"]["config"]["min.insync.replicas"])


def _urls(told: dict[str, str | None]) -> Any:
    return yaml.safe_load(told["OPS_SERVICE_URLS"] or "")


@pytest.mark.parametrize("workload", OURS, ids=by_name)
def test_every_file_that_the_environment_names_is_mounted(workload: Manifest) -> None:
    told = environment_of(workload, PROD)
    mounts = [each["mountPath"] for each in container(workload).get("volumeMounts", [])]
    files = [value for name, value in told.items() if value and name in ("REGIONS_FILE", "KAFKA_CA_FILE")]
    if service_and_role(workload):
        files.append(f"{told['SECRETS_DIR']}/")
    if "MONGODB_URI" in told:
        files += re.findall(r"tlsCAFile=(\S+?)[\"&\s]", str(_secret_said("mongodb-identity")) + " ")
    for file in files:
        assert any(file.startswith(f"{mount}/") for mount in mounts), file


def _secret_said(name: str) -> Manifest:
    return named(WRITTEN, "ExternalSecret", name)


def _made() -> Iterator[str]:
    """The secrets that something in the manifests makes."""
    for each in of_kind(WRITTEN, "ExternalSecret"):
        yield each["spec"].get("target", {}).get("name", each["metadata"]["name"])
    yield from (each["metadata"]["name"] for each in of_kind(WRITTEN, "KafkaUser"))
    yield from (each["spec"]["secretName"] for each in of_kind(WRITTEN, "Certificate"))
    yield from (f"{each['metadata']['name']}-cluster-ca-cert" for each in of_kind(WRITTEN, "Kafka"))


@pytest.mark.parametrize("workload", OURS, ids=by_name)
def test_every_secret_that_a_pod_wants_is_made_by_something(workload: Manifest) -> None:
    wanted = {
        each["valueFrom"]["secretKeyRef"]["name"] for each in container(workload).get("env", []) if "valueFrom" in each
    }
    volumes = pod_template(workload)["spec"].get("volumes", [])
    assert wanted | {each["secret"]["secretName"] for each in volumes if "secret" in each} <= set(_made())


def test_a_process_that_is_told_to_end_is_given_the_time_for_what_it_has_in_hand() -> None:
    asleep = SERVING["lifecycle"]["preStop"]["sleep"]["seconds"]
    drained = asleep + int(settings_of(PROD, "environment")["DRAIN_SECONDS"])
    assert GOODBYE_SECONDS < SHUTDOWN_SECONDS
    assert POD["terminationGracePeriodSeconds"] > drained + GRACE_SECONDS + SHUTDOWN_SECONDS + EXPORT_SECONDS + 5


def test_a_request_in_hand_is_finished_for_as_long_as_the_gateway_waits_for_it() -> None:
    towards_services = named(WRITTEN, "BackendTrafficPolicy", "portal")
    assert towards_services["spec"]["timeout"]["http"]["requestTimeout"] == f"{GRACE_SECONDS}s"
    assert {route["route"]["timeout"] for route in routes() if "route" in route} == {f"{GRACE_SECONDS}s"}


async def test_three_probes_ask_three_things_that_every_process_answers() -> None:
    probes = [SERVING[f"{probe}Probe"] for probe in ("startup", "readiness", "liveness")]
    asked = [probe["httpGet"]["path"] for probe in probes]
    assert asked == ["/health/started", "/health/ready", "/health/live"]
    app = FastAPI()
    add_health(app, Stateless({}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://pod") as client:
        assert [(await client.get(path)).status_code for path in asked] == [200, 200, 200]
    assert {probe["httpGet"]["port"] for probe in probes} == {"http"}
    ports, told = (
        {port["name"]: str(port["containerPort"]) for port in SERVING["ports"]},
        settings_of(PROD, "environment"),
    )
    assert ports == {"http": told["HTTP_PORT"], "metrics": told["METRICS_PORT"]}


def test_the_regions_that_are_delivered_can_be_read() -> None:
    assert list(OpenRegions.load(ROOT / "base/portal/regions.json"))
