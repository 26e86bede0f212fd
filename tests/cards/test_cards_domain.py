"""What a holder may do with a card, and what then has happened."""

from datetime import UTC, date, datetime

import pytest

from medonline_contracts.cards import (
    Ground,
    PatientCardCorrected,
    PatientCardRemoved,
    PatientCardRestored,
    Relation,
    StatedDocument,
    StatedPerson,
)
from services.cards.commands import (
    AddPatientCard,
    Command,
    CorrectPatientCard,
    RemovePatientCard,
    RestorePatientCard,
)
from services.cards.domain import PatientCard, before_all_events, decide, evolve
from services.cards.refusals import AddedAlready, CardChanged, CardRemoved, NotFound, Unacceptable
from tests.cards.people import ACCOUNT, CHILD, CHILD_CARD, OTHER_ACCOUNT, OWN_CARD, child_added
from tests.spec import NOW, Spec

PHONE = StatedPerson(phone="+79000000000")
CHILD_WITH_PHONE = CHILD.model_copy(update={"phone": "+79000000000"})
REMOVED = PatientCardRemoved(account_id=ACCOUNT, removed_at=NOW)

own_card: Spec[PatientCard | None, Command] = Spec(before_all_events(OWN_CARD, ACCOUNT), evolve, decide)
a_card: Spec[PatientCard | None, Command] = Spec(before_all_events(CHILD_CARD, ACCOUNT), evolve, decide)
child_card = a_card.given(child_added())


def add(relation: Relation = Relation.CHILD, person: StatedPerson = CHILD) -> AddPatientCard:
    return AddPatientCard(ACCOUNT, relation, person)


def correct(
    expected_version: int, person: StatedPerson, relation: Relation = Relation.CHILD, account_id: str = ACCOUNT
) -> CorrectPatientCard:
    return CorrectPatientCard(account_id, expected_version, relation, person)


def test_a_relatives_card_is_added() -> None:
    assert a_card.when(add()) == [child_added()]


def test_the_same_request_again_adds_nothing() -> None:
    assert child_card.when(add()) == []


def test_the_same_request_with_something_else_is_refused_and_not_lost_in_silence() -> None:
    with pytest.raises(AddedAlready):
        child_card.when(add(person=CHILD.model_copy(update={"given_name": "Другое"})))
    with pytest.raises(AddedAlready):
        child_card.given(REMOVED).when(add())


@pytest.mark.parametrize("field", ["family_name", "given_name", "birth_date", "gender"])
def test_a_relatives_card_needs_names_birth_date_and_gender(field: str) -> None:
    without = CHILD.model_copy(update={field: None})

    with pytest.raises(Unacceptable) as adding:
        a_card.when(add(person=without))
    with pytest.raises(Unacceptable) as correcting:
        child_card.when(correct(1, without))

    assert adding.value.errors == correcting.value.errors == {field: "Заполните это поле"}


def test_a_relative_may_lack_a_middle_name_and_all_numbers() -> None:
    bare = CHILD.model_copy(update={"snils": None})
    assert a_card.when(add(person=bare)) == [child_added(person=bare)]


def test_nobody_adds_their_own_card() -> None:
    with pytest.raises(Unacceptable) as refused:
        a_card.when(add(relation=Relation.SELF))
    assert list(refused.value.errors) == ["relation"]


@pytest.mark.parametrize(
    ("born", "allowed"),
    [
        (date(1899, 12, 31), False),
        (date(1900, 1, 1), True),
        (date(2026, 11, 21), True),
        (date(2026, 11, 22), False),
    ],
)
def test_nobody_is_born_before_1900_or_in_the_future(born: date, allowed: bool) -> None:
    person = CHILD.model_copy(update={"birth_date": born, "ground": Ground.CONSENT})
    command = AddPatientCard(ACCOUNT, Relation.OTHER, person)
    if allowed:
        assert a_card.when(command)
    else:
        with pytest.raises(Unacceptable) as refused:
            a_card.when(command)
        assert list(refused.value.errors) == ["birth_date"]


def test_who_was_born_this_morning_in_kamchatka_was_born_today() -> None:
    evening_in_greenwich = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    newborn = add(person=CHILD.model_copy(update={"birth_date": date(2026, 11, 22)}))
    assert a_card.when(newborn, evening_in_greenwich)


@pytest.mark.parametrize("issued_on", [date(2019, 5, 3), date(2026, 11, 22)])
def test_a_document_is_issued_after_birth_and_not_in_the_future(issued_on: date) -> None:
    document = StatedDocument(type="RF_BRTH_CERT", series="II-ДН", number="000001", issued_on=issued_on)
    with pytest.raises(Unacceptable) as refused:
        a_card.when(add(person=CHILD.model_copy(update={"identity_document": document})))
    assert list(refused.value.errors) == ["identity_document.issued_on"]


def test_a_correction_states_the_whole_anew() -> None:
    assert child_card.when(correct(1, CHILD_WITH_PHONE, Relation.WARD)) == [
        PatientCardCorrected(account_id=ACCOUNT, relation=Relation.WARD, person=CHILD_WITH_PHONE)
    ]


def test_a_correction_that_changes_nothing_appends_nothing() -> None:
    assert child_card.when(correct(1, CHILD)) == []


def test_a_correction_sent_twice_is_one() -> None:
    corrected = child_card.given(*child_card.when(correct(1, CHILD_WITH_PHONE)))
    assert corrected.when(correct(1, CHILD_WITH_PHONE)) == []


def test_what_was_changed_in_another_tab_is_not_overwritten() -> None:
    corrected = child_card.given(*child_card.when(correct(1, CHILD_WITH_PHONE)))
    with pytest.raises(CardChanged):
        corrected.when(correct(1, CHILD.model_copy(update={"insurer": "АО «Пример»"})))
    with pytest.raises(CardChanged):
        corrected.when(RemovePatientCard(ACCOUNT, 1))


def test_a_relative_does_not_become_the_holder() -> None:
    with pytest.raises(Unacceptable) as refused:
        child_card.when(correct(1, CHILD, Relation.SELF))
    assert list(refused.value.errors) == ["relation"]


def test_a_removed_card_is_not_corrected() -> None:
    with pytest.raises(CardRemoved):
        child_card.given(REMOVED).when(correct(2, CHILD_WITH_PHONE))


def test_removing_twice_is_removing_once() -> None:
    assert child_card.when(RemovePatientCard(ACCOUNT, 1)) == [REMOVED]
    assert child_card.given(REMOVED).when(RemovePatientCard(ACCOUNT, 1)) == []


def test_a_restored_card_carries_what_was_stated_on_it() -> None:
    assert child_card.given(REMOVED).when(RestorePatientCard(ACCOUNT)) == [
        PatientCardRestored(account_id=ACCOUNT, relation=Relation.CHILD, person=CHILD)
    ]


@pytest.mark.parametrize("anothers", [a_card, child_card, own_card, own_card.given(REMOVED)])
def test_another_accounts_card_is_as_if_it_did_not_exist(anothers: Spec[PatientCard | None, Command]) -> None:
    for command in (
        correct(1, CHILD_WITH_PHONE, account_id=OTHER_ACCOUNT),
        RemovePatientCard(OTHER_ACCOUNT, 1),
        RestorePatientCard(OTHER_ACCOUNT),
    ):
        with pytest.raises(NotFound):
            anothers.when(command)
