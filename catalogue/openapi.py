"""OpenAPI 3.1 of the four services, each from the application that its `main` wires; nothing is connected to."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from deploy.local.secrets import make_secrets
from deploy.local.services import REGIONS_FILE
from services.cards import main as cards
from services.identity import main as identity
from services.portal import main as portal
from services.settings import main as settings

SERVICES = {"cards": cards, "identity": identity, "portal": portal, "settings": settings}

_NOWHERE = "http://127.0.0.1:1"
_TOLD: dict[str, Any] = {  # to each service all of it: it takes what it knows
    "http_port": 1,
    "portal_origin": "http://localhost:1",
    "mongodb_uri": "mongodb://127.0.0.1:1/nothing",
    "kafka_bootstrap_servers": "127.0.0.1:1",
    "identity_url": _NOWHERE,
    "cards_url": _NOWHERE,
    "settings_url": _NOWHERE,
    "esia_url": _NOWHERE,
    "esia_client_id": "MEDONLINE",
    "regions_file": REGIONS_FILE,
}


def documents() -> dict[str, Mapping[str, Any]]:
    """The description of each service by its name."""
    with TemporaryDirectory() as folder:
        make_secrets(Path(folder))
        return {
            name: main.build(main.Config(**_TOLD, secrets_dir=Path(folder) / name)).openapi()
            for name, main in SERVICES.items()
        }
