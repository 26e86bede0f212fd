"""An error that a browser says it brings from Gosuslugi: the person is told, the attempt ends, no alert believes it."""

import pytest
from prometheus_client import REGISTRY

from services.identity.api.problems import problem_of
from services.identity.esia.errors import sent_back
from services.identity.refusals import (
    CodeRefused,
    EsiaDenied,
    EsiaRefused,
    EsiaUnavailable,
    Refusal,
    SentBackRefused,
    SentBackUnavailable,
    Unconfirmed,
)
from tests.identity.world import World, problem

OF_GOSUSLUGI = (EsiaUnavailable, EsiaRefused)


def counted(*refusals: type[Refusal]) -> float:
    """How many ways through Gosuslugi ended with one of these."""
    labels = [{"way": "esia", "outcome": refusal.__name__} for refusal in refusals]
    return sum(REGISTRY.get_sample_value("sign_in_outcomes_total", each) or 0 for each in labels)


@pytest.mark.parametrize(
    ("error", "description", "refusal"),
    [
        ("server_error", "", SentBackUnavailable),
        ("temporarily_unavailable", "ESIA-007008: busy", SentBackUnavailable),
        ("unauthorized_client", "ESIA-007019: no permission", SentBackRefused),
        ("<script>", "", SentBackRefused),
        ("access_denied", "", EsiaDenied),
        ("access_denied", "ESIA-007055: unconfirmed", Unconfirmed),
        ("invalid_grant", "", CodeRefused),
    ],
)
def test_what_a_browser_brings_is_never_taken_for_a_failure_of_gosuslugi(
    error: str, description: str, refusal: type[Refusal]
) -> None:
    found = sent_back(error, description)
    assert type(found) is refusal
    assert 400 <= problem_of(found, 15).status < 500


@pytest.mark.parametrize(
    ("brought", "met"), [(SentBackUnavailable(), EsiaUnavailable()), (SentBackRefused(), EsiaRefused("state"))]
)
def test_the_words_are_those_of_the_same_error_that_identity_has_met_itself(brought: Refusal, met: Refusal) -> None:
    assert problem_of(brought, 15).detail == problem_of(met, 15).detail


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        ("server_error", SentBackUnavailable),
        ("temporarily_unavailable", SentBackUnavailable),
        ("unknown", SentBackRefused),
    ],
)
async def test_an_error_that_a_browser_brings_again_and_again_ends_the_attempt_and_counts_once(
    world: World, error: str, refusal: type[Refusal]
) -> None:
    browser, oid = world.browser(), world.gosuslugi.invent()
    attempt_id = await browser.begin()
    said = await browser.at_gosuslugi(attempt_id, oid)
    before, of_gosuslugi = counted(refusal), counted(*OF_GOSUSLUGI)
    for again in ({"error": error}, {"error": error}, {"error": "server_error"}, said):
        assert problem(await browser.complete(attempt_id, again)) == (403, refusal.code)
    assert counted(refusal) == before + 1
    assert counted(*OF_GOSUSLUGI) == of_gosuslugi
    kept = await world.database["attempts"].find_one({"_id": attempt_id})
    assert kept
    assert not kept.keys() & {"evidence", "verifier"}
    await browser.register(oid)


async def test_what_identity_itself_meets_at_gosuslugi_counts_as_its_failure(world: World) -> None:
    browser = world.browser()
    attempt_id = await browser.begin()
    said = await browser.at_gosuslugi(attempt_id, world.gosuslugi.invent())
    before = counted(EsiaUnavailable)
    await world.gosuslugi.fail("token", "down")
    assert problem(await browser.complete(attempt_id, said)) == (503, "esia-unavailable")
    assert counted(EsiaUnavailable) == before + 1
