"""The cards' service as the tests of the cards run it, and the mark of what needs Java's libraries brought first."""

import pytest

from tests.cards.conftest import world as world


@pytest.fixture(scope="session")
def hapi() -> None:
    """Asked for by what runs HAPI: it is brought on first use, and takes a Java of its own."""
