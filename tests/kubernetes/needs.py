"""Who has to reach whom: hosts and ports as the code and its environment say them, and nothing besides."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from chassis.roles import Role
from eventlog.access import LogConfig
from ops.config import Config as OpsConfig
from tests.kubernetes import as_coded, landscape, local_gateway
from tests.kubernetes.manifests import (
    Manifest,
    container,
    environment_of,
    named,
    of_kind,
    pod_template,
    selects,
    settings_of,
)
from tests.kubernetes.reach import Reach

_MODULE = re.compile(r"services\.(\w+)\.main")
INFRASTRUCTURE = {
    *(Reach(pod, landscape.API_SERVER, "TCP/6443") for pod in (landscape.MONGODB, landscape.BROKERS)),
    *(Reach(pod, landscape.API_SERVER, "TCP/6443") for pod in (landscape.CONTROLLERS, landscape.ENTITY_OPERATOR)),
    Reach(landscape.MONGODB, landscape.MONGODB, "TCP/27017"),
    *(
        Reach(source, target, f"TCP/{port}")
        for source in (landscape.BROKERS, landscape.CONTROLLERS)
        for target in (landscape.BROKERS, landscape.CONTROLLERS)
        for port in (9090, 9091)
    ),
    *(Reach(landscape.ENTITY_OPERATOR, target, "TCP/9091") for target in (landscape.BROKERS, landscape.CONTROLLERS)),
    *(
        Reach(landscape.STRIMZI, target, f"TCP/{port}")
        for target in (landscape.BROKERS, landscape.CONTROLLERS)
        for port in (9090, 9091, 8443)
    ),
}
"""What operators' pods do by themselves: no code of ours says it."""
OPEN_TO_ALL = {
    landscape.BROKERS: {"TCP/9404"},
    landscape.CONTROLLERS: {"TCP/9404"},
    landscape.ENTITY_OPERATOR: {"TCP/8080", "TCP/8081"},
}
"""Figures, and whether all is well: Prometheus alone has to ask, Strimzi lets everybody, and no policy takes away."""


def needs_of(manifests: Sequence[Manifest], overlay: Path) -> set[Reach]:
    """Every connection that something has to open."""
    ours = of_kind(manifests, *landscape.WORKLOADS)
    found = {each for workload in ours for each in _of_workload(workload, manifests, overlay)}
    found |= set(_of_the_gateway(manifests, overlay))
    if of_kind(manifests, "ScaledObject"):
        found.add(Reach(landscape.KEDA, landscape.BROKERS, _kafka_port(overlay)))
    inside = [place for place in landscape.places(manifests) if getattr(place, "ours", False)]
    found |= {Reach(place.name, landscape.DNS, f"{protocol}/53") for place in inside for protocol in ("UDP", "TCP")}
    return found | INFRASTRUCTURE


def _of_the_gateway(manifests: Sequence[Manifest], overlay: Path) -> Iterator[Reach]:
    port = f"TCP/{settings_of(overlay, 'environment')['HTTP_PORT']}"
    for service in local_gateway.services_called():
        yield from (Reach(landscape.GATEWAY, pod, port) for pod in _behind(service, manifests))
    issuers = of_kind(manifests, "Issuer")
    if any("http01" in solver for issuer in issuers for solver in issuer["spec"].get("acme", {}).get("solvers", [])):
        yield Reach(landscape.GATEWAY, landscape.ACME_SOLVER, "TCP/8089")


def service_and_role(workload: Manifest) -> tuple[str, Role] | None:
    """Which of our processes the workload's pods run; null where it is none of them."""
    command = container(workload)["command"]
    if not (match := _MODULE.fullmatch(command[-1])):
        return None
    (role,) = container(workload)["args"]
    return match[1], Role(role)


def _of_workload(workload: Manifest, manifests: Sequence[Manifest], overlay: Path) -> Iterator[Reach]:
    name, told = workload["metadata"]["name"], environment_of(workload, overlay)
    running = service_and_role(workload)
    if as_coded.keeps_a_log(running[0]) if running else "MONGODB_URI" in told:
        yield Reach(name, landscape.MONGODB, _mongodb_port(manifests))
    if _speaks_to_kafka(workload):
        yield Reach(name, landscape.BROKERS, _kafka_port(overlay))
    for url in json.loads(told.get("OPS_SERVICE_URLS") or "{}").values():
        yield from _asked(name, url, manifests)
        yield from _asked(name, f"http://{urlsplit(url).hostname}:{told['METRICS_PORT']}", manifests)
    if not running:
        return
    service, role = running
    if role.answers:
        for other in as_coded.asks(service):
            yield from _asked(name, told[f"{other.upper()}_URL"] or "", manifests)
        if as_coded.asks_gosuslugi(service):
            yield Reach(name, landscape.GOSUSLUGI, f"TCP/{urlsplit(told['ESIA_URL']).port or 443}")
    if role is not Role.PREPARE:
        yield Reach(landscape.PROMETHEUS, name, f"TCP/{told['METRICS_PORT']}")
        if collector := told.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
            yield Reach(name, landscape.COLLECTOR, f"TCP/{urlsplit(collector).port}")


def _speaks_to_kafka(workload: Manifest) -> bool:
    """A process with a log, in a role that works on it; and the operators' own."""
    running = service_and_role(workload)
    if not running:
        return workload["metadata"]["name"] == "ops" and issubclass(OpsConfig, LogConfig)
    service, role = running
    return role.works and as_coded.keeps_a_log(service)


def _asked(name: str, url: str, manifests: Sequence[Manifest]) -> Iterator[Reach]:
    for pod in _behind(urlsplit(url).hostname or "", manifests):
        yield Reach(name, pod, f"TCP/{urlsplit(url).port}")


def _behind(host: str, manifests: Sequence[Manifest]) -> list[str]:
    """The workloads whose pods answer at a service's name."""
    selector = {"matchLabels": named(manifests, "Service", host)["spec"]["selector"]}
    workloads = of_kind(manifests, *landscape.WORKLOADS)
    return [
        each["metadata"]["name"] for each in workloads if selects(selector, pod_template(each)["metadata"]["labels"])
    ]


def _kafka_port(overlay: Path) -> str:
    return f"TCP/{settings_of(overlay, 'environment')['KAFKA_BOOTSTRAP_SERVERS'].rpartition(':')[2]}"


def _mongodb_port(manifests: Sequence[Manifest]) -> str:
    """As the connection strings say that External Secrets makes."""
    (port,) = set(re.findall(r"@[\w.-]+:(\d+)/", json.dumps(of_kind(manifests, "ExternalSecret"))))
    return f"TCP/{port}"
