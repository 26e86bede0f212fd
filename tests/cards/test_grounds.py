"""Of a relative who has come of age it is recorded on what ground the holder keeps the card; of nobody else."""

from datetime import date
from typing import Any

import pytest

from medonline_contracts.cards import (
    Ground,
    PatientCardAdded,
    PatientCardRemoved,
    PatientCardRestored,
    Relation,
    StatedPerson,
)
from medonline_contracts.envelope import Event
from medonline_contracts.topics import CARDS_EVENTS, CARDS_STATE
from services.cards.commands import AddPatientCard, Command, CorrectPatientCard, JoinPatientCards, RestorePatientCard
from services.cards.domain import PatientCard, before_all_events, decide, evolve
from services.cards.joining import join
from services.cards.refusals import Unacceptable
from tests.cards.people import ACCOUNT, CHILD, CHILD_CARD, OWN_CARD, child_added
from tests.spec import NOW, Spec

BORN_TODAY_18_YEARS_AGO = date(2008, 11, 21)
A_DAY_YOUNGER = date(2008, 11, 22)
MOTHER = StatedPerson(family_name="Ёлкина", given_name="Вера", birth_date=date(1960, 3, 8), gender="female")

a_card: Spec[PatientCard | None, Command] = Spec(before_all_events(CHILD_CARD, ACCOUNT), evolve, decide)
own_card: Spec[PatientCard | None, Command] = Spec(before_all_events(OWN_CARD, ACCOUNT), evolve, decide)


def on(ground: Ground | None, person: StatedPerson = MOTHER) -> StatedPerson:
    return person.model_copy(update={"ground": ground})


def added(ground: Ground | None) -> PatientCardAdded:
    return PatientCardAdded(account_id=ACCOUNT, relation=Relation.PARENT, person=on(ground))


def add(ground: Ground | None, person: StatedPerson = MOTHER) -> AddPatientCard:
    return AddPatientCard(ACCOUNT, Relation.PARENT, on(ground, person))


def refused(card: Spec[PatientCard | None, Command], command: Command) -> list[str]:
    with pytest.raises(Unacceptable) as refusal:
        card.when(command)
    return list(refusal.value.errors)


@pytest.mark.parametrize("ground", list(Ground))
def test_a_grown_up_relatives_card_records_the_ground(ground: Ground) -> None:
    assert a_card.when(add(ground)) == [added(ground)]


def test_without_a_ground_a_grown_up_relatives_card_is_neither_added_nor_corrected() -> None:
    assert refused(a_card, add(None)) == ["ground"]
    changed = MOTHER.model_copy(update={"phone": "+79000000000"})
    correction = CorrectPatientCard(ACCOUNT, 1, Relation.PARENT, changed)
    assert refused(a_card.given(added(Ground.CONSENT)), correction) == ["ground"]


def test_a_card_of_who_has_come_of_age_since_stays_until_it_is_corrected() -> None:
    of_a_child_once = a_card.given(added(None))
    assert of_a_child_once.when(CorrectPatientCard(ACCOUNT, 1, Relation.PARENT, MOTHER)) == []
    with_ground = CorrectPatientCard(ACCOUNT, 1, Relation.PARENT, on(Ground.CONSENT))
    assert len(of_a_child_once.when(with_ground)) == 1


@pytest.mark.parametrize(("born", "asked"), [(BORN_TODAY_18_YEARS_AGO, ["ground"]), (A_DAY_YOUNGER, [])])
def test_it_is_asked_for_from_the_eighteenth_birthday_on(born: date, asked: list[str]) -> None:
    command = add(None, MOTHER.model_copy(update={"birth_date": born}))
    assert (refused(a_card, command) if asked else []) == asked
    assert asked or a_card.when(command)


@pytest.mark.parametrize("ground", list(Ground))
def test_of_a_child_and_of_oneself_none_is_kept(ground: Ground) -> None:
    assert a_card.when(AddPatientCard(ACCOUNT, Relation.CHILD, on(ground, CHILD))) == [child_added()]
    own: Any = own_card.when(CorrectPatientCard(ACCOUNT, 0, Relation.SELF, on(ground)))
    assert own[0].person.ground is None


def test_a_restored_card_carries_its_ground() -> None:
    removed = a_card.given(added(Ground.POWER_OF_ATTORNEY), PatientCardRemoved(account_id=ACCOUNT, removed_at=NOW))
    assert removed.when(RestorePatientCard(ACCOUNT)) == [
        PatientCardRestored(account_id=ACCOUNT, relation=Relation.PARENT, person=on(Ground.POWER_OF_ATTORNEY))
    ]


@pytest.mark.parametrize("event", CARDS_EVENTS.events + CARDS_STATE.events, ids=lambda event: event.__name__)
def test_outside_person_no_event_of_a_card_says_why_it_is_kept_or_anything_else_of_them(event: type[Event]) -> None:
    impersonal = {"account_id", "relation", "removed_at", "replaced_by", "trusted", "authenticated_at", "changed_at"}
    assert event.model_fields.keys() - {"person"} <= impersonal


def test_joining_brings_no_ground_onto_ones_own_card() -> None:
    relatives = PatientCard(ACCOUNT, Relation.OTHER, on(Ground.GUARDIANSHIP, CHILD), version=1)
    own = before_all_events(OWN_CARD, ACCOUNT)
    assert own is not None
    (corrected,) = join(own, relatives, JoinPatientCards(ACCOUNT, 1, StatedPerson(snils=CHILD.snils)), NOW).own
    assert (corrected.person.family_name, corrected.person.ground) == (CHILD.family_name, None)
