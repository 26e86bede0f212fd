"""The history of a card tells what its holder changed, the relation and the ground too, until the card is erased."""

from dataclasses import replace
from typing import Any, Self, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.projector import Projector
from medonline_contracts.cards import (
    Ground,
    PatientCardAdded,
    PatientCardCorrected,
    PatientCardErased,
    PatientCardRemoved,
    Relation,
)
from medonline_contracts.envelope import Envelope, Event
from services.cards.history import CARD_HISTORY, HistoryRow, history_of, project_history
from services.cards.limits import LONGEST_STREAM
from services.cards.listeners import project
from services.cards.views import PATIENT_CARDS
from tests.cards.memory import Memory
from tests.cards.people import ACCOUNT, CHILD, CHILD_CARD, OWN_CARD, authenticated, child_added, recorded, stream

REMOVED = PatientCardRemoved(account_id=ACCOUNT)
ERASED = PatientCardErased(account_id=ACCOUNT)
JOINED = PatientCardRemoved(account_id=ACCOUNT, replaced_by=OWN_CARD)


def history(*events: Event) -> list[HistoryRow]:
    memory = Memory()
    memory.apply(stream(CHILD_CARD, *events))
    return history_of(memory.rows.values())


def corrected(relation: Relation = Relation.CHILD, ground: Ground | None = None) -> PatientCardCorrected:
    return PatientCardCorrected(
        account_id=ACCOUNT, relation=relation, person=CHILD.model_copy(update={"ground": ground})
    )


def test_another_relation_and_another_ground_are_changes() -> None:
    rows = history(child_added(), corrected(Relation.WARD), corrected(Relation.WARD, Ground.GUARDIANSHIP))
    assert [row.fields for row in rows[:2]] == [["ground"], ["relation"]]


def test_what_was_on_the_card_when_it_was_added_is_named() -> None:
    (row,) = history(child_added())
    assert row.fields == ["relation", "family_name", "given_name", "birth_date", "gender", "snils"]


def test_a_card_that_was_joined_is_told_apart_from_one_that_was_removed() -> None:
    assert history(child_added(), JOINED)[0].what == "joined"
    assert history(child_added(), REMOVED)[0].what == "removed"


def test_of_an_erased_card_no_history_is_left() -> None:
    assert history(child_added(), corrected(Relation.WARD), REMOVED, ERASED) == []


@given(st.permutations(stream(CHILD_CARD, child_added(), corrected(Relation.WARD), REMOVED, ERASED)), st.integers(1, 4))
def test_nothing_that_was_stated_is_left_in_any_order_nor_comes_back_with_a_replay(
    shuffled: list[Envelope[Event]], replayed: int
) -> None:
    memory = Memory()
    memory.apply([*shuffled, *shuffled[:replayed]])
    assert "Анна-Мария" not in str(memory.rows)
    assert history_of(memory.rows.values()) == []


@pytest.mark.parametrize("first", [0, 1])
def test_an_erasure_at_a_version_beyond_all_bounds_writes_no_more_than_the_longest_stream_has(first: int) -> None:
    beyond = replace(recorded(CHILD_CARD, 3, ERASED), version=2**53)
    assert len(list(project_history(beyond))) == LONGEST_STREAM + 1
    late = recorded(CHILD_CARD, LONGEST_STREAM + 1, corrected(Relation.WARD))
    memory = Memory()
    memory.apply([beyond, late, beyond][first:])
    assert history_of(memory.rows.values()) == []


def test_what_is_stated_after_an_erasure_is_history_again() -> None:
    anew = PatientCardAdded(account_id=ACCOUNT, relation=Relation.SELF, person=CHILD)
    assert [row.what for row in history(child_added(), REMOVED, ERASED, anew)] == ["added"]


class Collections:
    """Notes in which order they are written."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def __getitem__(self, name: str) -> Self:
        self.written.append(name)
        return self

    async def bulk_write(self, *_: object, **__: object) -> None:
        """Nothing is kept."""


@pytest.mark.parametrize("event", [child_added(), corrected(), REMOVED, ERASED, authenticated(ACCOUNT)], ids=type)
async def test_once_a_card_tells_of_a_change_its_history_does_too(event: Event) -> None:
    collections = Collections()
    await Projector(cast(Any, collections), project).apply(stream(CHILD_CARD, event))
    assert collections.written == [CARD_HISTORY, PATIENT_CARDS]
