"""What the code says of itself: its services, what each is told, whom it asks, which topics it reads in which groups.

Nothing here is a list of services, hosts or topics: such a list would agree with the manifests and not with the code.
"""

import importlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from pydantic_settings import BaseSettings

from chassis.config import Config
from chassis.roles import Role
from deploy.local.secrets import make_secrets
from deploy.local.services import REGIONS_FILE
from eventlog.access import LogConfig
from eventlog.bus import Bus
from eventlog.projection import Projection, Views
from medonline_contracts.topics import Topic

SERVICES_FOLDER = Path(__file__).parents[2] / "services"
SERVICES = tuple(sorted(path.parent.name for path in SERVICES_FOLDER.glob("*/main.py")))


def config_of(service: str) -> type[Config]:
    """The configuration that the service's main.py reads."""
    config: type[Config] = _main(service).Config
    return config


def keeps_a_log(service: str) -> bool:
    """Whether it has a log, and so MongoDB, Kafka and a bus."""
    return issubclass(config_of(service), LogConfig)


def asks(service: str) -> set[str]:
    """The services whose addresses it is told."""
    told = {name.removesuffix("_url") for name in config_of(service).model_fields if name.endswith("_url")}
    return told & set(SERVICES)


def asks_gosuslugi(service: str) -> bool:
    """Whether it has an adapter to ЕСИА; the portal, which only sends browsers there, has none."""
    return (SERVICES_FOLDER / service / "esia").is_dir()


def required(config: type[BaseSettings]) -> set[str]:
    """The environment variables without which a process does not start."""
    return {name.upper() for name, field in config.model_fields.items() if field.is_required()}


def known(config: type[BaseSettings]) -> set[str]:
    """The environment variables that a process reads."""
    return {name.upper() for name in config.model_fields}


def groups_of(service: str) -> dict[str, list[str]]:
    """The topics that the service reads by consumer group."""
    return _groups()[service]


@cache
def _groups() -> dict[str, dict[str, list[str]]]:
    """By service, what its bus hears while the service is built."""
    heard: dict[str, list[str]] = {}
    listen, project = Bus.listen, Bus.project

    def heard_listen(bus: Bus, group: str, topics: Sequence[Topic], *more: Any) -> None:
        heard[group] = [topic.name for topic in topics]
        listen(bus, group, topics, *more)

    def heard_project(bus: Bus, projection: Projection) -> Views:
        heard[projection.name] = [topic.name for topic in projection.topics]
        return project(bus, projection)

    found = {}
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(Bus, "listen", heard_listen)
        patch.setattr(Bus, "project", heard_project)
        make_secrets(Path(folder))
        for service in filter(keeps_a_log, SERVICES):
            heard.clear()
            _main(service).build(_configured(service, Path(folder) / service), Role.BUS)
            found[service] = dict(heard)
    return found


def built(service: str, role: Role, secrets: Path) -> None:
    """Build the service as a process of this role does, from this folder of secrets; whatever that raises comes out."""
    role_of_many = (role,) if keeps_a_log(service) else ()  # the portal is the same in every role that it has
    _main(service).build(_configured(service, secrets), *role_of_many)


def _configured(service: str, secrets: Path) -> Config:
    address = "http://127.0.0.1"
    told = dict.fromkeys((name.lower() for name in required(config_of(service))), address)
    told |= {"http_port": "1", "secrets_dir": str(secrets), "mongodb_uri": f"mongodb://127.0.0.1/{service}"}
    return config_of(service).model_validate(told | {"regions_file": str(REGIONS_FILE)})


def _main(service: str) -> Any:
    return importlib.import_module(f"services.{service}.main")
