"""A card is changed a thousand times at most: then it can only be removed, and erased in its time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from medonline_contracts.cards import PatientCardErased, PatientCardRemoved, Relation, StatedPerson
from services.cards.commands import (
    Command,
    CorrectPatientCard,
    ErasePatientCard,
    JoinPatientCards,
    RemovePatientCard,
    RestorePatientCard,
    TakeFromEsia,
)
from services.cards.domain import PatientCard, decide
from services.cards.joining import join
from services.cards.limits import LONGEST_STREAM, MOST_CHANGES
from services.cards.problems import problem_of
from services.cards.refusals import TooManyChanges
from tests.cards.people import ACCOUNT, CHILD
from tests.spec import NOW

PHONE = CHILD.model_copy(update={"phone": "+79000000000"})
LAST = MOST_CHANGES - 1
CHILDS = PatientCard(ACCOUNT, Relation.CHILD, CHILD, version=MOST_CHANGES)
OWN = PatientCard(ACCOUNT, Relation.SELF, PHONE, version=MOST_CHANGES)
REMOVED = replace(CHILDS, removed=True, removed_at=NOW, version=MOST_CHANGES + 1)
CORRECTION = CorrectPatientCard(ACCOUNT, MOST_CHANGES, Relation.CHILD, PHONE)


def test_the_thousandth_change_is_made_and_the_next_is_refused() -> None:
    assert len(decide(replace(CHILDS, version=LAST), replace(CORRECTION, expected_version=LAST), NOW)) == 1
    with pytest.raises(TooManyChanges):
        decide(CHILDS, CORRECTION, NOW)


@pytest.mark.parametrize(
    ("card", "command"),
    [
        (OWN, TakeFromEsia(ACCOUNT, MOST_CHANGES, "phone", PHONE)),
        (REMOVED, RestorePatientCard(ACCOUNT)),
        (replace(OWN, removed=True), RestorePatientCard(ACCOUNT, anew=True)),
    ],
)
def test_whatever_else_would_be_a_change_is_refused_as_well(card: PatientCard, command: Command) -> None:
    with pytest.raises(TooManyChanges):
        decide(card, command, NOW)


def test_a_card_that_was_changed_so_often_takes_in_no_other() -> None:
    own = replace(OWN, person=StatedPerson())
    relatives = replace(CHILDS, version=1)
    with pytest.raises(TooManyChanges):
        join(own, relatives, JoinPatientCards(ACCOUNT, 1, StatedPerson(snils=CHILD.snils)), NOW)


def test_it_can_be_removed_and_erased_and_that_is_the_longest_stream() -> None:
    removed = decide(CHILDS, RemovePatientCard(ACCOUNT, MOST_CHANGES), NOW)
    erased = decide(REMOVED, ErasePatientCard(ACCOUNT), NOW + timedelta(days=31))
    assert kinds(removed) + kinds(erased) == [PatientCardRemoved, PatientCardErased]
    assert CHILDS.version + 2 == LONGEST_STREAM


def test_what_changes_nothing_is_no_change_too_many() -> None:
    assert decide(CHILDS, replace(CORRECTION, person=CHILD), NOW) == []


def test_the_refusal_is_told_in_plain_russian() -> None:
    problem = problem_of(TooManyChanges())
    assert (problem.status, problem.code) == (409, "too-many-changes")
    assert "меняли уже 1000 раз" in problem.detail


def kinds(events: Sequence[object]) -> list[type]:
    return [type(event) for event in events]
