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
from services.cards.domain import (
    AlreadyThere,
    Command,
    CorrectPatientCard,
    NotOwnCard,
    PatientCard,
    RemovePatientCard,
    RestorePatientCard,
    Unacceptable,
    before_all_events,
    decide,
    evolve,
)
from tests.cards.people import ACCOUNT, CHILD, CHILD_CARD, NOTHING, OTHER_ACCOUNT, OWN_CARD, child_added
from tests.spec import Spec

PHONE = StatedPerson(phone="+79000000000")
REMOVED = PatientCardRemoved(account_id=ACCOUNT)
CORRECTED = PatientCardCorrected(account_id=ACCOUNT, relation=Relation.SELF, person=PHONE)

own_card: Spec[PatientCard | None, Command] = Spec(before_all_events(OWN_CARD, ACCOUNT), evolve, decide)
a_card: Spec[PatientCard | None, Command] = Spec(before_all_events(CHILD_CARD, ACCOUNT), evolve, decide)
child_card = a_card.given(child_added())


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
