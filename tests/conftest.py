"""What every test may ask for, and the marks that follow from what it asks for."""

import pytest

pytest_plugins = ["tests.servers"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        for fixture, mark in (("servers", "servers"), ("portal", "portal"), ("browser_path", "browser")):
            if fixture in asked:
                item.add_marker(mark)
