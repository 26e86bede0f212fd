"""A card that cannot be erased stops no other and is tried again an hour later; the timer shows in readiness."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from pymongo.asynchronous.database import AsyncDatabase
from structlog.testing import capture_logs

from eventlog.access import KafkaAccess
from eventlog.bus import Bus
from eventlog.seal import LogSealed, Seal
from eventlog.store import Document
from eventlog.supervisor import STALLED_SECONDS
from medonline_contracts.cards import PatientCardErased
from medonline_contracts.topics import CARDS_EVENTS
from tests.cards.erasing import A_MONTH_LATER, REMOVED_AT, Cards
from tests.cards.people import CHILD_CARD


async def test_a_card_that_cannot_be_erased_stops_no_other_and_is_tried_again_an_hour_later(cards: Cards) -> None:
    failing, other = str(uuid4()), str(uuid4())
    for card_id in (failing, other):
        await cards.remove_a_card(card_id)
        cards.clock.now += timedelta(seconds=1)
    unreadable = {"$set": {"data": "no JSON, Анна-Мария"}}
    await cards.store.events.update_one({"stream_id": failing, "version": 2}, unreadable)
    cards.clock.now = A_MONTH_LATER + timedelta(seconds=1)
    timer = cards.timers[0]
    with capture_logs() as logs:
        assert (await timer.erase_due(), await timer.erase_due()) == (2, 0)
    assert await cards.last_of(other) is PatientCardErased
    (told,) = (entry for entry in logs if entry["log_level"] == "error")
    assert told.keys() == {"card_id", "error", "event", "log_level"}
    assert (told["event"], told["card_id"]) == ("card_not_erased", failing)
    cards.clock.now += timedelta(hours=1, seconds=1)
    assert await timer.erase_due() == 1


async def test_a_sealed_log_puts_off_no_card(cards: Cards, database: AsyncDatabase[Document]) -> None:
    """It passes by itself: as soon as the log is open each is erased, and none an hour later."""
    await cards.remove_a_card()
    await cards.remove_a_card(str(uuid4()))
    cards.clock.now = A_MONTH_LATER
    due = await database["erasures"].find().to_list()
    await Seal(database).close("cards.events", "ahead")
    another = Cards(database)  # a process that has not yet found it open
    another.clock.now = A_MONTH_LATER
    with pytest.raises(LogSealed):
        await another.timers[0].erase_due()
    assert await database["erasures"].find().to_list() == due
    await database["relay_places"].delete_many({})
    assert await another.timers[0].erase_due() == 2
    assert await cards.last_of() is PatientCardErased


async def test_a_card_that_was_put_off_is_overdue_since_the_time_before_that(cards: Cards) -> None:
    await cards.remove_a_card()
    due = REMOVED_AT + timedelta(days=30)
    late = due + timedelta(minutes=5)
    assert await cards.erasures.overdue_seconds(due) == 0
    assert await cards.erasures.overdue_seconds(late) == 300
    await cards.erasures.put_off(CHILD_CARD, late)
    await cards.erasures.put_off(CHILD_CARD, late + timedelta(hours=2))
    assert await cards.erasures.overdue_seconds(late + timedelta(hours=2)) == 7_500


async def test_a_card_that_is_not_due_or_no_longer_removed_is_not_put_off(
    cards: Cards, database: AsyncDatabase[Document]
) -> None:
    await cards.remove_a_card()
    for card_id in (CHILD_CARD, str(uuid4())):
        await cards.erasures.put_off(card_id, REMOVED_AT)
    (note,) = await database["erasures"].find().to_list()
    assert note["due_at"] == REMOVED_AT + timedelta(days=30)


async def test_a_timer_that_no_longer_gets_on_makes_the_service_unready(
    cards: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = Bus(cards.store, CARDS_EVENTS, KafkaAccess("localhost:9"))
    timer = cards.timers[0]
    bus.keep_alive(timer)
    gets_on = bus.checks()[timer.name]
    assert not await gets_on()
    await cards.remove_a_card()
    cards.clock.now = A_MONTH_LATER
    await timer.erase_due()
    assert await gets_on()
    monkeypatch.setattr(timer, "last_turn", time.monotonic() - STALLED_SECONDS)
    assert not await gets_on()
