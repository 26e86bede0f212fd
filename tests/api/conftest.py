"""Who the API is tried with: people whom nobody has seen before, so that no test meets what another one left."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.stack import Stack
from tests.api.caller import Caller, signed_in
from tests.journeys.newcomers import newcomer
from tests.journeys.steps import Citizen

ADDRESS = "127.0.2.1"  # guesses are counted by address: those of these tests by one of their own


@pytest.fixture
def person(portal: Stack) -> Citizen:
    """A newcomer."""
    return newcomer(portal)


@pytest.fixture
async def stranger(portal: Stack) -> AsyncIterator[Caller]:
    """A computer at which nobody is signed in."""
    async with Caller(portal, ADDRESS) as caller:
        yield caller


@pytest.fixture
async def caller(portal: Stack, person: Citizen) -> AsyncIterator[Caller]:
    """The newcomer, registered and freshly signed in by Gosuslugi."""
    async with signed_in(portal, person, ADDRESS) as caller:
        yield caller


@pytest.fixture
async def other(portal: Stack) -> AsyncIterator[Caller]:
    """Another newcomer, signed in too."""
    async with signed_in(portal, newcomer(portal), ADDRESS) as other:
        yield other
