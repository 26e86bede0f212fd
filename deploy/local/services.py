"""Local stand, services: what each of our processes is told, and how it is known to be healthy."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from deploy.local.gateway import answers_ok
from deploy.local.ports import Ports
from deploy.local.processes import Process

ESIA_CLIENT_ID = "MEDONLINE"
REGIONS_FILE = Path(__file__).with_name("regions.json")


class Service(Process):
    """A Python module with an HTTP door that says at `/health/ready` whether it can work."""

    def __init__(self, name: str, module: str, log: Path, port: int, environment: Mapping[str, str]):
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", module]
        super().__init__(name, log, command, {**environment, "HTTP_HOST": "127.0.0.1", "HTTP_PORT": str(port)})

    def ready(self) -> bool:
        return answers_ok(f"{self.url}/health/ready")


def our_services(folder: Path, ports: Ports, environments: Mapping[str, Mapping[str, str]]) -> list[Service]:
    """The portal's four services and the stand-in for Gosuslugi; `environments` adds to what a name of them is told."""
    told = _addresses(ports)
    services = []
    for name in ("esia", "identity", "cards", "settings", "portal"):
        module = "deploy.local.esia.main" if name == "esia" else f"services.{name}.main"
        environment = {
            "LOG_LEVEL": "info",
            "PORTAL_ORIGIN": portal_origin(ports),
            "SECRETS_DIR": str(folder / "secrets" / name),
            **told[name],
            **environments.get(name, {}),
        }
        services.append(Service(name, module, folder / f"logs/{name}.log", asdict(ports)[name], environment))
    return services


def portal_origin(ports: Ports) -> str:
    """`localhost`, where the stand-in is on 127.0.0.1: two sites for a browser, as in life."""
    return f"http://localhost:{ports.gateway}"


def register_with_esia(folder: Path, ports: Ports) -> Path:
    """The stand-in's list of clients: ours, with its certificate and the one address it may be sent back to."""
    clients = {
        ESIA_CLIENT_ID: {
            "certificate": str(folder / "secrets/identity/esia-client.crt"),
            "redirect_uris": [f"{portal_origin(ports)}/esia/callback"],
        }
    }
    path = folder / "data/esia-clients.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(clients, indent=2))
    return path


def _addresses(ports: Ports) -> dict[str, dict[str, str]]:
    identity = {"IDENTITY_URL": f"http://127.0.0.1:{ports.identity}"}
    settings = {"SETTINGS_URL": f"http://127.0.0.1:{ports.settings}"}
    esia = {"ESIA_URL": f"http://127.0.0.1:{ports.esia}"}
    return {
        "esia": {},
        "identity": {**esia, **settings, "ESIA_CLIENT_ID": ESIA_CLIENT_ID},
        "cards": identity,
        "settings": identity,
        "portal": {
            **esia,
            **identity,
            **settings,
            "CARDS_URL": f"http://127.0.0.1:{ports.cards}",
            "REGIONS_FILE": str(REGIONS_FILE),
        },
    }
