"""A fresh stand-in for every test, with its own copy of the demonstration people."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from deploy.local.esia.app import create_app
from deploy.local.esia.clients import Client
from deploy.local.esia.main import Config
from deploy.local.esia.people import PeopleFile
from deploy.local.esia.stand_in import StandIn
from deploy.local.esia.token import TokenSigner
from tests.esia.world import CALLBACK, Clock, Mnemonic, World, certificate_of, new_key


@pytest.fixture(scope="session")
def keys() -> list[RSAPrivateKey]:
    """Keys are slow to make: the stand-in's, the portal's, a stranger's."""
    return [new_key() for _ in range(3)]


@pytest.fixture
def people_file(tmp_path: Path) -> Path:
    default = Config.model_fields["esia_people"].default
    return Path(shutil.copy(default, tmp_path / "people.json"))


@pytest.fixture
async def world(keys: list[RSAPrivateKey], people_file: Path) -> AsyncIterator[World]:
    clock = Clock()
    own, portal_key, stranger_key = keys
    portal = Mnemonic("MEDONLINE", portal_key, certificate_of(portal_key, "MEDONLINE"), clock)
    strict = Mnemonic("CONFIRMED", portal_key, portal.certificate, clock)
    stranger = Mnemonic("MEDONLINE", stranger_key, certificate_of(stranger_key, "MEDONLINE"), clock)
    clients = {
        "MEDONLINE": Client("MEDONLINE", portal.certificate, frozenset({CALLBACK})),
        "CONFIRMED": Client(strict.client_id, strict.certificate, frozenset({CALLBACK}), confirmed_only=True),
    }
    stand_in = StandIn(PeopleFile(people_file), clients, TokenSigner(own), clock)
    app = create_app(stand_in, with_faults=True)
    world = World(app, stand_in, clock, portal, stranger, own.public_key())
    yield world
    for client in world.opened:
        await client.aclose()
