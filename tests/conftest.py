"""What every test may ask for, and the marks that follow from what it asks for."""

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

settings.register_profile("tests", deadline=None)  # how long an example takes is the machine's matter
settings.load_profile("tests")

pytest_plugins = ["tests.servers", "tests.node_ground"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        for fixture, mark in MARKS.items():
            if fixture in asked:
                item.add_marker(mark)
