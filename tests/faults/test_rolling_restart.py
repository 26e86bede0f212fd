"""The load in short: people walk the journey while every process of every service is restarted."""

import asyncio
from collections.abc import Iterator

import pytest
from pymongo import MongoClient

from bench.load import loss
from bench.load.__main__ import portal_for, told
from bench.load.notes import Acknowledged
from bench.load.run import Outcome, Plan, walk
from deploy.local.stack import Stack

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

USERS, SECONDS, THINKING = 10, 20, 2


@pytest.fixture(scope="module")
def portal() -> Iterator[Stack]:
    with portal_for(USERS) as stack:
        yield stack


@pytest.fixture(scope="module")
def outcome(portal: Stack) -> Outcome:
    return asyncio.run(walk(portal, Plan(USERS, SECONDS, THINKING, portal.rollable())))


def test_a_rolling_restart_of_every_service_is_noticed_by_nobody_and_loses_nothing(outcome: Outcome) -> None:
    assert (outcome.notes.failures, outcome.lost) == ([], []), told(outcome)
    assert {one.what for one in outcome.notes.acknowledged} == {"registered", "card", "password"}


def test_what_is_missing_anywhere_would_be_found(
    portal: Stack, outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loss, "ARRIVE_SECONDS", 0)
    with MongoClient[dict[str, object]](portal.servers.mongo.uri("root")) as client:
        cards = client["cards"]["patient_cards"]
        (own, relatives) = (cards.find_one({"stated": {"$exists": there}}) for there in (False, True))
        assert own
        assert relatives
        cards.delete_one({"_id": own["_id"]})
        client["cards"]["events"].delete_one({"stream_id": relatives["_id"], "version": 1})
    never = Acknowledged("password", outcome.notes.acknowledged[0].esia_oid, version=99)
    found = "\n".join(asyncio.run(loss.lost(portal, [*outcome.notes.acknowledged, never])))
    assert f"cards.patient_cards {own['_id']} is not what the log says" in found
    assert f"cards.events does not hold {relatives['_id']} whole and in order" in found
    assert f"acknowledged and not in the log: {never}" in found
    assert f"stream='{relatives['_id']}'" in found
