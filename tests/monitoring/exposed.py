"""Which metrics exist, with their labels: those of our own processes, and the few of others that rules may rely on."""

import importlib
from collections.abc import Mapping

from prometheus_client import REGISTRY

SERVICES = ("identity", "cards", "settings", "portal")
OF_TARGETS = frozenset({"job", "namespace", "component", "pod", "container", "instance"})
"""Labels that Prometheus adds: the operator's own, and those of components/monitoring/pods.yaml."""

# From kube-state-metrics; the kubelet with cAdvisor; cert-manager; the brokers by Strimzi's reporter, whose names are
# those of Kafka's MBeans; Envoy. Each documents these names. MongoDB's operator documents none: nothing relies on it.
OUTSIDE: Mapping[str, frozenset[str]] = {
    name: frozenset(labels.split())
    for name, labels in {
        "up": "",  # Prometheus' own: whether it reached the target
        "kube_namespace_created": "namespace",
        "kube_cronjob_created": "namespace cronjob",
        "kube_cronjob_status_last_successful_time": "namespace cronjob",
        "kube_job_failed": "namespace job_name condition",
        "kube_deployment_spec_replicas": "namespace deployment",
        "kube_deployment_status_replicas_available": "namespace deployment",
        "kube_statefulset_replicas": "namespace statefulset",
        "kube_statefulset_status_replicas_ready": "namespace statefulset",
        "kube_pod_info": "namespace pod",
        "kube_pod_container_status_restarts_total": "namespace pod container",
        "kube_pod_container_resource_limits": "namespace pod container resource",
        "kube_horizontalpodautoscaler_status_current_replicas": "namespace horizontalpodautoscaler",
        "kube_horizontalpodautoscaler_spec_max_replicas": "namespace horizontalpodautoscaler",
        "kubelet_volume_stats_available_bytes": "namespace persistentvolumeclaim",
        "kubelet_volume_stats_capacity_bytes": "namespace persistentvolumeclaim",
        "container_cpu_usage_seconds_total": "namespace pod container",
        "container_cpu_cfs_periods_total": "namespace pod container",
        "container_cpu_cfs_throttled_periods_total": "namespace pod container",
        "container_memory_working_set_bytes": "namespace pod container",
        "certmanager_certificate_expiration_timestamp_seconds": "namespace name",
        "kafka_server_replicamanager_underreplicatedpartitions": "namespace pod",
        "kafka_server_replicamanager_underminisrpartitioncount": "namespace pod",
        "kafka_controller_kafkacontroller_offlinepartitionscount": "namespace pod",
        "envoy_http_downstream_rq_xx": "envoy_response_code_class envoy_http_conn_manager_prefix",
    }.items()
}


def of_our_processes() -> dict[str, frozenset[str]]:
    """Every series that our code registers once all services are imported, with its labels."""
    for service in SERVICES:
        importlib.import_module(f"services.{service}.main")
    found: dict[str, frozenset[str]] = {}
    for name, collector in REGISTRY._names_to_collectors.items():  # no public way tells a metric's labels
        labels = frozenset(getattr(collector, "_labelnames", ()))
        found[name] = labels | {"le"} if name.endswith("_bucket") else labels
    return found
