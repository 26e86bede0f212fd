"""What every test may ask for, and the marks that follow from what it asks for."""

from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

MARKS = {
    "servers": "servers",
    "portal": "portal",
    "browser_path": "browser",
    "node": "tools",
    "hapi": "tools",
    "image_prefix": "tools",
}

ONE_AFTER_THE_OTHER = (
    "identity",  # a service runs for all its files: others would write to the topic that it takes for its own
    "roles",
    "browser",  # takes more than a processor
)

settings.register_profile("tests", deadline=None)  # how long an example takes is the machine's matter
settings.load_profile("tests")

pytest_plugins = ["tests.servers", "tests.node_ground"]


class Rooms(LoadScopeScheduling):
    """Gives a file to one of those that run tests, or all files of a folder."""

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0])
        folder = file.parent.name
        return folder if folder in ONE_AFTER_THE_OTHER else f"{folder}/{file.name}"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return Rooms(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        for fixture, mark in MARKS.items():
            if fixture in asked:
                item.add_marker(mark)
