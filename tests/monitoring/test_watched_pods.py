"""In a cluster Prometheus asks every pod that works all day, and knows it by the labels that the rules go by."""

import re
from typing import Any

import yaml

from deploy.monitoring.made import COMPONENT
from tests.kubernetes.landscape import WORKLOADS
from tests.kubernetes.manifests import PROD, container, manifests_of, named, of_kind, pod_template, selects
from tests.monitoring.exposed import OUTSIDE, SERVICES
from tests.monitoring.promql import values_of
from tests.monitoring.rules import ALERT_RULES

Manifest = dict[str, Any]
MANIFESTS = manifests_of(PROD)
MONITOR: Manifest = named(MANIFESTS, "PodMonitor", "services")["spec"]
(ENDPOINT,) = MONITOR["podMetricsEndpoints"]


def watched() -> list[dict[str, str]]:
    """The labels of the pods that are asked."""
    pods = [pod_template(workload)["metadata"]["labels"] for workload in of_kind(MANIFESTS, *WORKLOADS)]
    return [labels for labels in pods if selects(MONITOR["selector"], labels)]


def test_every_service_is_asked_in_each_of_its_roles_and_nobody_else_is() -> None:
    roles = {(labels[MONITOR["jobLabel"]], labels["app.kubernetes.io/component"]) for labels in watched()}
    http, bus = {(name, "http") for name in SERVICES}, {(name, "bus") for name in SERVICES if name != "portal"}
    assert roles == http | bus
    (relabeling,) = ENDPOINT["relabelings"]
    assert relabeling["sourceLabels"] == ["__meta_kubernetes_pod_label_app_kubernetes_io_component"]
    assert relabeling["targetLabel"] == "component"


def test_the_port_that_is_asked_is_open_to_prometheus() -> None:
    serving = yaml.safe_load((PROD.parents[1] / "base/rules/serving.yaml").read_text())
    ports = {port["name"]: port["containerPort"] for port in container(serving)["ports"]}
    (ingress,) = named(MANIFESTS, "NetworkPolicy", "prometheus")["spec"]["ingress"]
    assert [allowed["port"] for allowed in ingress["ports"]] == [ports[ENDPOINT["port"]]]
    assert all(
        selects(named(MANIFESTS, "NetworkPolicy", "prometheus")["spec"]["podSelector"], pod) for pod in watched()
    )


def test_the_kubelet_is_asked_too_of_every_deployment_that_works_all_day() -> None:
    labels = {each["metadata"]["name"]: each["metadata"]["labels"] for each in of_kind(MANIFESTS, "Deployment")}
    for alert, role in (("ServiceDown", "http"), ("BusDown", "bus")):
        there = {name for name, said in labels.items() if said["app.kubernetes.io/component"] == role}
        assert values_of("deployment", ALERT_RULES[alert]["expr"]) == there


def test_the_gateway_and_the_brokers_are_known_by_the_names_that_alerts_have_for_them() -> None:
    gateway, kafka = (named(MANIFESTS, "PodMonitor", name)["spec"] for name in ("gateway", "kafka"))
    (asked,) = gateway["podMetricsEndpoints"]
    assert {each["replacement"] for each in asked["relabelings"]} == {"gateway", "medonline"}
    assert values_of("job", ALERT_RULES["GatewayDown"]["expr"]) == {"gateway"}
    cluster = named(MANIFESTS, "Kafka", "kafka")["metadata"]["name"]
    assert kafka["jobLabel"] == "strimzi.io/cluster"
    assert values_of("job", ALERT_RULES["KafkaDown"]["expr"]) == {cluster}
    pools = {
        each["metadata"]["name"] for each in of_kind(MANIFESTS, "KafkaNodePool") if "broker" in each["spec"]["roles"]
    }
    assert values_of("pod", ALERT_RULES["KafkaDown"]["expr"]) == {f"{cluster}-{pool}-.+" for pool in pools}


def test_the_brokers_tell_the_figures_that_alerts_ask_for() -> None:
    (patch,) = yaml.safe_load_all((COMPONENT / "kafka-metrics.yaml").read_text())
    assert named(MANIFESTS, "Kafka", patch["metadata"]["name"])
    allowed = patch["spec"]["kafka"]["metricsConfig"]["values"]["allowList"]
    wanted = {name for name in OUTSIDE if name.startswith("kafka_")}
    assert wanted
    assert all(any(re.fullmatch(pattern, name) for pattern in allowed) for name in wanted)
