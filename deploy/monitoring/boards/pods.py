"""Monitoring, the dashboard of what the portal stands on, as the cluster tells it: pods, volumes, Kafka, MongoDB."""

from deploy.monitoring.grafana import Dashboard, Panel, Query, Row

_POD = '{namespace="medonline", pod=~"$pod", container!=""}'
_OURS = '{namespace="medonline"}'


def _of_limit(used: str, resource: str) -> str:
    limit = f'kube_pod_container_resource_limits{{namespace="medonline", pod=~"$pod", resource="{resource}"}}'
    return f"sum by (pod) ({used}) / sum by (pod) ({limit})"


_USED = Row(
    "Pods",
    (
        Panel(
            "Processor",
            "Processors in use.",
            "short",
            (Query(f"sum by (pod) (rate(container_cpu_usage_seconds_total{_POD}[$__rate_interval]))", "{{pod}}"),),
        ),
        Panel(
            "Held back",
            "Share of the scheduler's periods in which a pod had used up its limit of processor.",
            "percentunit",
            (
                Query(
                    f"sum by (pod) (rate(container_cpu_cfs_throttled_periods_total{_POD}[$__rate_interval]))"
                    f" / sum by (pod) (rate(container_cpu_cfs_periods_total{_POD}[$__rate_interval]))",
                    "{{pod}}",
                ),
            ),
            limit=0.25,
        ),
        Panel(
            "Memory of the limit",
            "A pod that reaches its limit is killed.",
            "percentunit",
            (Query(_of_limit(f"container_memory_working_set_bytes{_POD}", "memory"), "{{pod}}"),),
            limit=0.9,
        ),
        Panel(
            "Restarts",
            "How often containers were restarted within an hour.",
            "short",
            (
                Query(
                    "sum by (pod) (increase(kube_pod_container_status_restarts_total"
                    '{namespace="medonline", pod=~"$pod"}[1h]))',
                    "{{pod}}",
                ),
            ),
            limit=3,
        ),
    ),
)
_REPLICAS = Row(
    "Replicas",
    (
        Panel(
            "Available",
            "Pods of each Deployment that answer.",
            "short",
            (Query(f"max by (deployment) (kube_deployment_status_replicas_available{_OURS})", "{{deployment}}"),),
        ),
        Panel(
            "Missing",
            "Pods that each Deployment should have and has not.",
            "short",
            (
                Query(
                    f"max by (deployment) (kube_deployment_spec_replicas{_OURS})"
                    f" - max by (deployment) (kube_deployment_status_replicas_available{_OURS})",
                    "{{deployment}}",
                ),
            ),
            "stat",
            limit=1,
        ),
        Panel(
            "Autoscalers at their most",
            "1 where there are as many pods as there may be: more work will wait.",
            "short",
            (
                Query(
                    "max by (horizontalpodautoscaler)"
                    f" (kube_horizontalpodautoscaler_status_current_replicas{_OURS}) >= bool"
                    " max by (horizontalpodautoscaler)"
                    f" (kube_horizontalpodautoscaler_spec_max_replicas{_OURS})",
                    "{{horizontalpodautoscaler}}",
                ),
            ),
            "stat",
            limit=1,
        ),
    ),
)
_STORES = Row(
    "Kafka and MongoDB",
    (
        Panel(
            "Free on the volumes",
            "Share of each volume that is free.",
            "percentunit",
            (
                Query(
                    f"min by (persistentvolumeclaim) (kubelet_volume_stats_available_bytes{_OURS}"
                    f" / kubelet_volume_stats_capacity_bytes{_OURS})",
                    "{{persistentvolumeclaim}}",
                ),
            ),
            limit=0.15,
            more_is_better=True,
        ),
        Panel(
            "Partitions with too few copies",
            "Partitions that lack a copy, and those that take nothing, for too few are in sync.",
            "short",
            (
                Query(f"sum(kafka_server_replicamanager_underreplicatedpartitions{_OURS})", "lack a copy"),
                Query(f"sum(kafka_server_replicamanager_underminisrpartitioncount{_OURS})", "take nothing"),
            ),
            limit=1,
        ),
        Panel(
            "Members of MongoDB that are ready",
            "Below two of three there is no primary.",
            "short",
            (Query(f'max(kube_statefulset_status_replicas_ready{_OURS[:-1]}, statefulset="mongodb"}})', "ready"),),
            "stat",
            limit=2,
            more_is_better=True,
        ),
    ),
)

BOARD = Dashboard(
    "medonline-pods",
    "Медицина Онлайн: pods",
    "Processors, memory, replicas and volumes, by kube-state-metrics, the kubelet and Strimzi's brokers.",
    (_USED, _REPLICAS, _STORES),
    (("pod", 'label_values(kube_pod_info{namespace="medonline"}, pod)'),),
)
