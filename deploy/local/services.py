"""Local stand, services: what each of our processes is told, and how it is known to be healthy."""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local.gateway import answers_ok
from deploy.local.ports import Ports
from deploy.local.processes import Process
from deploy.local.secrets import DATABASES

ESIA_CLIENT_ID = "MEDONLINE"
REGIONS_FILE = Path(__file__).with_name("regions.json")
OUR_SERVICES = (*DATABASES, "portal")
ESIA = "esia"
_MODULES = {ESIA: "deploy.local.esia.main", "watch": "deploy.local.watch.main"}

Environment = Mapping[str, str]


class Service(Process):
    """A Python module with an HTTP door that says at `/health/ready` whether it can work.

    `role` is what a service of ours is to do of all that it can, see chassis/roles.py; `module` what is run as that
    service in its place.
    """

    def __init__(
        self,
        name: str,
        log: Path,
        port: int,
        environment: Environment,
        role: str | None = None,
        module: str | None = None,
    ):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        run = module or _MODULES.get(name, f"services.{name}.main")
        command = [sys.executable, "-m", run, *([role] if role else [])]
        super().__init__(name, log, command, {**environment, "HTTP_HOST": "127.0.0.1", "HTTP_PORT": str(port)})

    def ready(self) -> bool:
        return answers_ok(f"{self.url}/health/ready")


def environments_of(folder: Path, ports: Ports, more: Mapping[str, Environment]) -> dict[str, Environment]:
    """What the portal's four services and the stand-in for Gosuslugi are told, by name; `more` adds to it."""
    told = _addresses(ports)
    return {
        name: {
            "LOG_LEVEL": "info",
            "PORTAL_ORIGIN": portal_origin(ports),
            "SECRETS_DIR": str(folder / "secrets" / name),
            **told[name],
            **more.get(name, {}),
        }
        for name in (ESIA, *OUR_SERVICES)
    }


def portal_origin(ports: Ports) -> str:
    """`localhost`, where the stand-in is on 127.0.0.1: two sites for a browser, as in life."""
    return f"http://localhost:{ports.gateway}"


def register_with_esia(folder: Path, ports: Ports) -> Path:
    """The stand-in's list of clients: ours, with its certificate and the one address it may be sent back to.

    Both stand in a folder of its own, apart from our key.
    """
    told = folder / "data/esia"
    told.mkdir(parents=True, exist_ok=True)
    certificate = shutil.copyfile(folder / "secrets/identity/esia-client.crt", told / f"{ESIA_CLIENT_ID}.crt")
    clients = {
        ESIA_CLIENT_ID: {
            "certificate": str(certificate),
            "redirect_uris": [f"{portal_origin(ports)}/esia/callback"],
        }
    }
    path = told / "clients.json"
    path.write_text(json.dumps(clients, indent=2))
    return path


def _addresses(ports: Ports) -> dict[str, dict[str, str]]:
    identity = {"IDENTITY_URL": f"http://127.0.0.1:{ports.identity}"}
    settings = {"SETTINGS_URL": f"http://127.0.0.1:{ports.settings}"}
    esia = {"ESIA_URL": f"http://127.0.0.1:{ports.esia}"}
    return {
        ESIA: {},
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
