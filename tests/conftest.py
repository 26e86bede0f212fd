"""What every test may ask for, and the marks that follow from what it asks for."""

from pathlib import Path

import pytest
from hypothesis import settings

MARKS = {
    "servers": "servers",
    "portal": "portal",
    "browser_path": "browser",
    "node": "tools",
    "hapi": "tools",
    "image_prefix": "tools",
}

WITH_A_WORLD_OF_THEIR_OWN = ("identity", "roles")

settings.register_profile("tests", deadline=None)  # how long an example takes is the machine's matter
settings.load_profile("tests")

pytest_plugins = ["tests.servers", "tests.node_ground"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        for fixture, mark in MARKS.items():
            if fixture in asked:
                item.add_marker(mark)
        item.add_marker(pytest.mark.xdist_group(_ran_together(item.path)))


def _ran_together(file: Path) -> str:
    """The file or, where a service runs for all the files of a folder, that: others would write to its topic."""
    folder = file.parent
    return folder.name if folder.name in WITH_A_WORLD_OF_THEIR_OWN else f"{folder.name}/{file.name}"
