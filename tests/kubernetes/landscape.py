"""Who there is: the pods that the manifests make, those that operators make of them, neighbours and strangers."""

from collections.abc import Iterator, Sequence
from typing import Any

from tests.kubernetes.manifests import Manifest, of_kind, pod_template
from tests.kubernetes.reach import Address, Place, Pod

WORKLOADS = ("Deployment", "StatefulSet", "Job", "CronJob")
MONGODB, BROKERS, CONTROLLERS, ENTITY_OPERATOR = "mongod", "brokers", "controllers", "entity-operator"
GATEWAY, PROMETHEUS, KEDA, DNS, COLLECTOR = "gateway", "prometheus", "keda", "dns", "otel-collector"
GOSUSLUGI, API_SERVER, ACME_SOLVER, STRIMZI = "gosuslugi", "api-server", "acme-solver", "cluster-operator"

NEIGHBOURS: tuple[Place, ...] = (
    Pod(
        GATEWAY,
        {
            "gateway.envoyproxy.io/owning-gateway-name": "portal",
            "gateway.envoyproxy.io/owning-gateway-namespace": "medonline",
        },
        "envoy-gateway-system",
    ),
    Pod(PROMETHEUS, {"app.kubernetes.io/name": "prometheus"}, "monitoring"),
    Pod(KEDA, {"app": "keda-operator"}, "keda"),
    Pod(STRIMZI, {"strimzi.io/kind": "cluster-operator"}, "strimzi"),
    Pod(DNS, {"k8s-app": "kube-dns"}, "kube-system"),
    Pod(COLLECTOR, {"app.kubernetes.io/name": "opentelemetry-collector"}, "observability"),
    Pod(ACME_SOLVER, {"acme.cert-manager.io/http01-solver": "true"}),  # cert-manager's, for a moment
    Address(GOSUSLUGI, "213.59.253.8"),
    Address(API_SERVER, "10.255.255.255"),  # in the base nobody's; an overlay puts its own cluster's there
)
STRANGERS: tuple[Place, ...] = (
    Address("a machine of the region", "10.20.30.40"),
    Address("a machine of the house", "192.168.1.1"),
    Address("a machine of the provider", "172.16.5.5"),
    Address("another tenant", "100.64.1.1"),
    Address("the cloud's metadata", "169.254.169.254"),
    Pod("a pod that nobody labelled", {}),
    Pod("a namesake elsewhere", {"app.kubernetes.io/name": "portal", "app.kubernetes.io/component": "http"}, "default"),
    Pod("the gateway's control plane", {"control-plane": "envoy-gateway"}, "envoy-gateway-system"),
    Pod("another gateway", {"gateway.envoyproxy.io/owning-gateway-name": "intranet"}, "envoy-gateway-system"),
    Pod("Grafana", {"app.kubernetes.io/name": "grafana"}, "monitoring"),
    Pod("KEDA's metrics server", {"app": "keda-operator-metrics-apiserver"}, "keda"),
    Pod("the cluster's metrics server", {"k8s-app": "metrics-server"}, "kube-system"),
)


def places(manifests: Sequence[Manifest]) -> list[Place]:
    """All of them."""
    return [*_of_ours(manifests), *_of_mongodb(manifests), *_of_kafka(manifests), *NEIGHBOURS, *STRANGERS]


def policies(manifests: Sequence[Manifest]) -> list[Manifest]:
    """The policies that are written, and those that Strimzi makes of Kafka's listeners."""
    made = [policy for kafka in of_kind(manifests, "Kafka") for policy in _by_strimzi(kafka)]
    return [*of_kind(manifests, "NetworkPolicy"), *made]


def _of_ours(manifests: Sequence[Manifest]) -> Iterator[Pod]:
    for workload in of_kind(manifests, *WORKLOADS):
        yield Pod(workload["metadata"]["name"], pod_template(workload)["metadata"]["labels"])


def _of_mongodb(manifests: Sequence[Manifest]) -> Iterator[Pod]:
    for mongodb in of_kind(manifests, "MongoDBCommunity"):
        more = mongodb["spec"]["statefulSet"]["spec"]["template"].get("metadata", {}).get("labels", {})
        yield Pod(MONGODB, {"app": f"{mongodb['metadata']['name']}-svc", **more})


def _of_kafka(manifests: Sequence[Manifest]) -> Iterator[Pod]:
    """Strimzi's pods bear its own labels and those of the object that they are made of."""
    for kafka in of_kind(manifests, "Kafka"):
        cluster = kafka["metadata"]["name"]
        own = {"strimzi.io/cluster": cluster, "strimzi.io/kind": "Kafka"}
        for pool in of_kind(manifests, "KafkaNodePool"):
            is_broker = "broker" in pool["spec"]["roles"]
            said = own | {"strimzi.io/name": f"{cluster}-kafka", "strimzi.io/broker-role": str(is_broker).lower()}
            yield Pod(
                BROKERS if is_broker else CONTROLLERS,
                {**kafka["metadata"].get("labels", {}), **pool["metadata"]["labels"], **said},
            )
        said = own | {"strimzi.io/name": f"{cluster}-entity-operator"}
        yield Pod(ENTITY_OPERATOR, {**kafka["metadata"].get("labels", {}), **said})


def _by_strimzi(kafka: Manifest) -> Iterator[Manifest]:
    """As its `KafkaCluster` and `EntityOperator` make them (1.2.0); no `from` is everybody.

    On controllers, too, it lets those through whom a listener names. Nothing listens there.
    """
    cluster = kafka["metadata"]["name"]
    nodes, operator = (
        {"strimzi.io/cluster": cluster, "strimzi.io/name": f"{cluster}-{of}"} for of in ("kafka", "entity-operator")
    )
    strimzi = {**_pods({"strimzi.io/kind": "cluster-operator"}), "namespaceSelector": {}}
    listening = [
        {"from": listener.get("networkPolicyPeers", []), "ports": [{"port": listener["port"]}]}
        for listener in kafka["spec"]["kafka"]["listeners"]
    ]
    inside = [
        {"from": [_pods(nodes), strimzi], "ports": [{"port": 9090}, {"port": 9091}]},
        {"from": [_pods(operator)], "ports": [{"port": 9091}]},
        {"from": [strimzi], "ports": [{"port": 8443}]},
    ]
    yield _ingress(f"{cluster}-network-policy-listeners", nodes | {"strimzi.io/broker-role": "true"}, listening)
    yield _ingress(f"{cluster}-network-policy-inside", nodes, inside)
    if "metricsConfig" in kafka["spec"]["kafka"]:
        yield _ingress(f"{cluster}-network-policy-figures", nodes, [{"ports": [{"port": 9404}]}])
    yield _ingress(f"{cluster}-entity-operator", operator, [{"ports": [{"port": 8080}, {"port": 8081}]}])


def _pods(labels: dict[str, str]) -> Manifest:
    return {"podSelector": {"matchLabels": labels}}


def _ingress(name: str, of: dict[str, str], rules: list[dict[str, Any]]) -> Manifest:
    spec = {**_pods(of), "policyTypes": ["Ingress"], "ingress": rules}
    return {"kind": "NetworkPolicy", "metadata": {"name": name}, "spec": spec}
