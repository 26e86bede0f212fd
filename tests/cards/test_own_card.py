"""The holder's own card: Gosuslugi made it, its holder states things beside, removes it, restores it, makes it anew."""

import pytest

from medonline_contracts.cards import (
    PatientCardAdded,
    PatientCardCorrected,
    PatientCardRemoved,
    PatientCardRestored,
    Relation,
    StatedPerson,
)
from services.cards.commands import (
    Command,
    CorrectPatientCard,
    RemovePatientCard,
    RestorePatientCard,
    TakeFromEsia,
)
from services.cards.domain import PatientCard, before_all_events, decide, evolve
from services.cards.refusals import (
    AlreadyThere,
    CardChanged,
    CardRemoved,
    NothingConfirmed,
    NotOwnCard,
    Unacceptable,
)
from tests.cards.people import ACCOUNT, CHILD, CHILD_CARD, NOTHING, OTHER_ACCOUNT, OWN_CARD, child_added
from tests.spec import NOW, Spec

PHONE = StatedPerson(phone="+79000000000")
REMOVED = PatientCardRemoved(account_id=ACCOUNT, removed_at=NOW)
CORRECTED = PatientCardCorrected(account_id=ACCOUNT, relation=Relation.SELF, person=PHONE)

CONFIRMED = StatedPerson(family_name="Ёлкин", snils="000-000-600 06")
STATED = StatedPerson(family_name="Сосновский")

own_card: Spec[PatientCard | None, Command] = Spec(before_all_events(OWN_CARD, ACCOUNT), evolve, decide)
a_card: Spec[PatientCard | None, Command] = Spec(before_all_events(CHILD_CARD, ACCOUNT), evolve, decide)
child_card = a_card.given(child_added())


def corrected(person: StatedPerson) -> PatientCardCorrected:
    return PatientCardCorrected(account_id=ACCOUNT, relation=Relation.SELF, person=person)


def corrected_to(person: StatedPerson) -> Spec[PatientCard | None, Command]:
    return own_card.given(corrected(person))


def test_the_holders_own_card_is_there_before_anything_was_stated() -> None:
    assert own_card.when(CorrectPatientCard(ACCOUNT, 0, Relation.SELF, PHONE)) == [CORRECTED]
    assert own_card.when(RemovePatientCard(ACCOUNT, 0)) == [REMOVED]


def test_the_holders_own_card_stays_their_own() -> None:
    with pytest.raises(Unacceptable) as refused:
        own_card.when(CorrectPatientCard(ACCOUNT, 0, Relation.CHILD, CHILD))
    assert list(refused.value.errors) == ["relation"]


def test_ones_own_card_is_restored_with_ones_statement() -> None:
    assert own_card.given(CORRECTED, REMOVED).when(RestorePatientCard(ACCOUNT)) == [
        PatientCardRestored(account_id=ACCOUNT, relation=Relation.SELF, person=PHONE)
    ]


def test_ones_own_card_is_made_anew_with_nothing_stated() -> None:
    assert own_card.given(CORRECTED, REMOVED).when(RestorePatientCard(ACCOUNT, anew=True)) == [
        PatientCardAdded(account_id=ACCOUNT, relation=Relation.SELF, person=NOTHING)
    ]


def test_a_relatives_card_is_not_made_anew() -> None:
    with pytest.raises(NotOwnCard):
        child_card.given(REMOVED).when(RestorePatientCard(ACCOUNT, anew=True))


def test_a_card_that_is_there_is_not_restored() -> None:
    for card in (own_card, child_card, child_card.given(REMOVED, child_added())):
        with pytest.raises(AlreadyThere):
            card.when(RestorePatientCard(ACCOUNT))


def test_only_ones_own_id_is_there_without_a_stream() -> None:
    assert before_all_events(OWN_CARD, OTHER_ACCOUNT) is None


def take(field: str, expected_version: int = 1, confirmed: StatedPerson = CONFIRMED) -> TakeFromEsia:
    return TakeFromEsia(ACCOUNT, expected_version, field, confirmed)


def test_gosuslugis_word_is_taken_by_dropping_ones_own_in_that_field_alone() -> None:
    both = STATED.model_copy(update={"phone": "+79000000000"})
    assert corrected_to(both).when(take("family_name")) == [corrected(both.model_copy(update={"family_name": None}))]


def test_taking_twice_is_taking_once() -> None:
    assert corrected_to(STATED).given(corrected(NOTHING)).when(take("family_name")) == []


def test_what_gosuslugi_does_not_say_is_not_taken_and_nothing_is_lost() -> None:
    with pytest.raises(NothingConfirmed):
        corrected_to(STATED).when(take("family_name", confirmed=NOTHING))


def test_what_was_changed_in_another_tab_is_not_dropped_unseen() -> None:
    with pytest.raises(CardChanged):
        corrected_to(STATED).when(take("family_name", expected_version=0))
    with pytest.raises(CardRemoved):
        corrected_to(STATED).given(REMOVED).when(take("family_name", expected_version=2))


def test_of_a_relative_gosuslugi_says_nothing_that_could_be_taken() -> None:
    with pytest.raises(NotOwnCard):
        child_card.when(take("family_name"))
