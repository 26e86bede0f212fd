"""For thirty days a removed card can be restored; then it is erased, and what was stated on it is gone."""

from datetime import datetime, timedelta

import pytest

from medonline_contracts.cards import (
    PatientCardAdded,
    PatientCardCorrected,
    PatientCardErased,
    PatientCardRemoved,
    PatientCardRestored,
    Relation,
    StatedPerson,
)
from services.cards.commands import (
    AddPatientCard,
    Command,
    CorrectPatientCard,
    ErasePatientCard,
    RemovePatientCard,
    RestorePatientCard,
)
from services.cards.domain import PatientCard, before_all_events, decide, evolve
from services.cards.refusals import AddedAlready, CardRemoved, NotFound, RestorationOver
from tests.cards.people import ACCOUNT, CHILD, CHILD_CARD, NOTHING, OWN_CARD, child_added
from tests.spec import NOW, Spec

PHONE = StatedPerson(phone="+79000000000")
REMOVED = PatientCardRemoved(account_id=ACCOUNT, removed_at=NOW)
ERASED = PatientCardErased(account_id=ACCOUNT)
THE_LAST_MOMENT = NOW + timedelta(days=30)
TOO_LATE = THE_LAST_MOMENT + timedelta(milliseconds=1)

a_card: Spec[PatientCard | None, Command] = Spec(before_all_events(CHILD_CARD, ACCOUNT), evolve, decide)
own_card: Spec[PatientCard | None, Command] = Spec(before_all_events(OWN_CARD, ACCOUNT), evolve, decide)
removed_card = a_card.given(child_added(), REMOVED)
own_removed = own_card.given(
    PatientCardCorrected(account_id=ACCOUNT, relation=Relation.SELF, person=PHONE),
    REMOVED,
)


def test_a_removal_says_when_it_was() -> None:
    assert a_card.given(child_added()).when(RemovePatientCard(ACCOUNT, 1), NOW) == [REMOVED]


@pytest.mark.parametrize("card", [removed_card, own_removed])
def test_thirty_days_are_long_enough_to_restore_and_not_yet_to_erase(card: Spec[PatientCard | None, Command]) -> None:
    (restored,) = card.when(RestorePatientCard(ACCOUNT), THE_LAST_MOMENT)
    assert isinstance(restored, PatientCardRestored)
    assert card.when(ErasePatientCard(ACCOUNT), THE_LAST_MOMENT) == []


@pytest.mark.parametrize("card", [removed_card, own_removed])
def test_a_moment_later_it_is_too_late_to_restore_and_time_to_erase(card: Spec[PatientCard | None, Command]) -> None:
    with pytest.raises(RestorationOver):
        card.when(RestorePatientCard(ACCOUNT), TOO_LATE)
    assert card.when(ErasePatientCard(ACCOUNT), TOO_LATE) == [ERASED]


@pytest.mark.parametrize("at", [NOW, TOO_LATE])
def test_a_card_that_is_there_is_never_erased(at: datetime) -> None:
    restored = removed_card.given(*removed_card.when(RestorePatientCard(ACCOUNT), NOW))
    for card in (a_card, a_card.given(child_added()), restored, own_card):
        assert card.when(ErasePatientCard(ACCOUNT), at) == []


def test_the_days_count_from_the_last_removal() -> None:
    again = PatientCardRemoved(account_id=ACCOUNT, removed_at=THE_LAST_MOMENT)
    restored = removed_card.when(RestorePatientCard(ACCOUNT), NOW)
    assert removed_card.given(*restored, again).when(ErasePatientCard(ACCOUNT), TOO_LATE) == []


def test_erasing_twice_is_erasing_once() -> None:
    assert removed_card.given(ERASED).when(ErasePatientCard(ACCOUNT), TOO_LATE) == []


def test_a_relatives_erased_card_is_as_if_it_had_never_been() -> None:
    erased = removed_card.given(ERASED)
    for command in (
        CorrectPatientCard(ACCOUNT, 3, Relation.CHILD, CHILD),
        RemovePatientCard(ACCOUNT, 3),
        RestorePatientCard(ACCOUNT),
    ):
        with pytest.raises(NotFound):
            erased.when(command, TOO_LATE)


def test_an_old_form_does_not_bring_an_erased_card_back() -> None:
    with pytest.raises((NotFound, AddedAlready)):
        removed_card.given(ERASED).when(AddPatientCard(ACCOUNT, Relation.CHILD, CHILD), TOO_LATE)


def test_ones_own_erased_card_can_be_made_anew_and_nothing_else() -> None:
    erased = own_removed.given(ERASED)
    anew = erased.when(RestorePatientCard(ACCOUNT, anew=True), TOO_LATE)
    assert anew == [PatientCardAdded(account_id=ACCOUNT, relation=Relation.SELF, person=NOTHING)]
    with pytest.raises(RestorationOver):
        erased.when(RestorePatientCard(ACCOUNT), TOO_LATE)
    with pytest.raises(CardRemoved):
        erased.when(CorrectPatientCard(ACCOUNT, 3, Relation.SELF, PHONE), TOO_LATE)


def test_ones_own_card_made_anew_goes_on_as_any() -> None:
    anew = own_removed.given(ERASED, *own_removed.when(RestorePatientCard(ACCOUNT, anew=True), TOO_LATE))
    assert anew.when(CorrectPatientCard(ACCOUNT, 4, Relation.SELF, PHONE), TOO_LATE)
