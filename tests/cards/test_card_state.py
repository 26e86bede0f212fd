"""What other hospital systems are told of a card: as it stands, its version rising with every change."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from medonline_contracts.cards import PatientCardState, Relation
from medonline_contracts.envelope import Envelope, Event, Tombstone
from medonline_contracts.wire import parse
from services.cards.state import state_of
from tests.cards.memory import Memory
from tests.cards.people import ACCOUNT, CHILD_CARD, OWN_CARD, child_added, stream
from tests.cards.test_card_views import CHILDS, ERASED, ERASED_CARD, ERASEDS, EVENTS, OWN, REMOVED, SIGN_INS


def told(memory: Memory, card_id: str) -> Envelope[Event] | Tombstone | None:
    card = memory.cards.get(card_id)
    record: Any = card and state_of(card)
    return record and parse(record["key"], record["headers"], record["value"])


def after(*envelopes: Envelope[Event]) -> Memory:
    memory = Memory()
    memory.apply(envelopes)
    return memory


def test_a_card_is_told_whole_with_both_sections_beside_each_other() -> None:
    card = told(after(*SIGN_INS, *OWN[:3]), OWN_CARD)
    assert isinstance(card, Envelope)
    state = card.event
    assert isinstance(state, PatientCardState)
    assert (state.account_id, state.relation, card.version) == (ACCOUNT, Relation.SELF, 5 + 3)
    assert state.person.confirmed is not None
    assert state.person.stated is not None
    assert (state.person.confirmed.family_name, state.person.stated.phone) == ("Сосновский", "+79000000000")


def test_a_removed_card_is_told_by_a_null_value() -> None:
    assert told(after(*CHILDS), CHILD_CARD) == Tombstone(CHILD_CARD)
    assert told(after(*SIGN_INS, *OWN), OWN_CARD) == Tombstone(OWN_CARD)


def test_an_erased_card_stays_told_by_a_null_value() -> None:
    assert told(after(*ERASEDS), ERASED_CARD) == Tombstone(ERASED_CARD)
    assert told(after(*SIGN_INS, *stream(OWN_CARD, REMOVED, ERASED)), OWN_CARD) == Tombstone(OWN_CARD)


def test_ones_own_card_is_told_once_gosuslugis_word_has_come_and_a_relatives_at_once() -> None:
    assert told(after(*OWN[:1]), OWN_CARD) is None
    relative = told(after(*stream(CHILD_CARD, child_added())), CHILD_CARD)
    assert isinstance(relative, Envelope)
    assert isinstance(relative.event, PatientCardState)
    assert relative.event.person.confirmed is None


@given(st.permutations(EVENTS))
def test_in_any_order_of_events_the_version_never_falls_and_rises_with_every_change(
    shuffled: list[Envelope[Event]],
) -> None:
    memory = Memory()
    before: Envelope[Event] | None = None
    for envelope in shuffled:
        memory.apply([envelope])
        now = told(memory, OWN_CARD)
        if isinstance(now, Envelope):
            if before:
                assert now.version >= before.version + (now.event != before.event)
            before = now
    assert told(memory, OWN_CARD) == told(after(*EVENTS), OWN_CARD)
