"""What a card shows: Gosuslugi's word first, the holder's beside it, and what is to check or missing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from medonline_contracts.cards import Ground, PatientCardCorrected, Relation, StatedDocument, StatedPerson
from medonline_contracts.person import Contact, EsiaPerson, IdentityDocument, OmsPolicy
from services.cards.patient_card import PatientCardView, view_of
from tests.cards.memory import Memory
from tests.cards.people import ACCOUNT, CHILD, CHILD_CARD, OWN_CARD, authenticated, child_added, esia_person, recorded
from tests.spec import NOW


def own_card(stated: StatedPerson | None = None, **confirmed: Any) -> PatientCardView:
    memory = Memory()
    memory.apply([recorded(ACCOUNT, 2, authenticated(**confirmed))])
    if stated:
        correction = PatientCardCorrected(account_id=ACCOUNT, relation=Relation.SELF, person=stated)
        memory.apply([recorded(OWN_CARD, 1, correction)])
    return view_of(memory.cards[OWN_CARD], NOW)


def test_what_gosuslugi_said_is_shown_letter_by_letter_without_its_account_number() -> None:
    odd = esia_person(
        family_name="ёлкин-ИВАНОВ  оглы", given_name="O'Нил", phone=Contact(value="8(900)", verified=True)
    )
    card = own_card(**{name: getattr(odd, name) for name in EsiaPerson.model_fields})

    assert card.confirmed is not None
    assert card.confirmed.model_dump() == odd.model_dump(exclude={"esia_oid"})
    assert card.title == "ЁЛКИН-ИВАНОВ  ОГЛЫ O'НИЛ ИЛЬИЧ"
    assert (card.relation, card.version, card.stated) == (Relation.SELF, 0, None)


def test_the_title_does_without_a_middle_name() -> None:
    assert own_card(middle_name=None).title == "ЁЛКИН ПЁТР"


def test_gosuslugis_word_holds_and_the_holders_fills_the_gaps() -> None:
    passport = StatedDocument(type="RF_PASSPORT", series="0000", number="000002")
    card = own_card(
        StatedPerson(family_name="Сосновский", snils="112-233-445 95", identity_document=passport),
        snils=None,
        identity_document=None,
    )

    assert card.effective.family_name == "Ёлкин"
    assert card.effective.snils == "112-233-445 95"
    assert card.effective.identity_document == passport
    assert card.differs == ["family_name"]
    assert card.missing == []


def test_a_missing_passport_and_snils_are_named() -> None:
    assert own_card(snils=None, identity_document=None).missing == ["identity_document", "snils"]
    assert own_card().missing == []


def test_any_identity_document_stands_in_for_the_passport() -> None:
    foreign = IdentityDocument(type="FRGN_PASS", number="AB123", verified=True)
    assert own_card(identity_document=foreign).missing == []


@pytest.mark.parametrize(
    "alike",
    [
        StatedPerson(family_name="ЕЛКИН", given_name="петр"),
        StatedPerson(snils="000-000-600 06", enp="2600000000000000", birth_date=date(1990, 1, 1)),
        StatedPerson(
            identity_document=StatedDocument(type="RF_PASSPORT", series="0000", number="000001", issued_by="УВД")
        ),
        StatedPerson(insurer="АО «СОГАЗ-Мед» (ранее ВТБ)"),
    ],
)
def test_the_same_written_otherwise_is_no_difference(alike: StatedPerson) -> None:
    assert own_card(alike).differs == []


@pytest.mark.parametrize(
    "other",
    [
        StatedPerson(birth_date=date(1990, 1, 2)),
        StatedPerson(gender="female"),
        StatedPerson(enp="7700000000000009"),
        StatedPerson(identity_document=StatedDocument(type="RF_PASSPORT", series="0000", number="000002")),
    ],
)
def test_what_differs_is_named(other: StatedPerson) -> None:
    assert own_card(other).differs == list(other.model_dump(exclude_none=True))


def test_a_policy_number_with_a_wrong_check_digit_is_kept_and_marked() -> None:
    card = own_card(oms_policy=OmsPolicy(enp="2600000000000001", enp_valid=False))

    assert card.effective.enp == "2600000000000001"
    assert card.to_check == ["enp"]
    assert own_card().to_check == []


def test_a_snils_with_wrong_check_digits_is_kept_and_marked() -> None:
    assert own_card(snils="112-233-445 96").to_check == ["snils"]


def test_a_relatives_card_has_only_what_was_stated() -> None:
    memory = Memory()
    memory.apply([recorded(CHILD_CARD, 1, child_added())])
    card = view_of(memory.cards[CHILD_CARD], NOW)

    assert (card.relation, card.version, card.title) == (Relation.CHILD, 1, "ЁЛКИНА АННА-МАРИЯ")
    assert (card.confirmed, card.effective, card.missing) == (None, card.stated, ["identity_document"])


def test_a_child_who_has_come_of_age_lacks_a_ground_until_one_is_stated() -> None:
    memory = Memory()
    memory.apply([recorded(CHILD_CARD, 1, child_added())])
    at_eighteen = datetime(2037, 5, 4, tzinfo=UTC)
    assert "ground" not in view_of(memory.cards[CHILD_CARD], at_eighteen - timedelta(days=1)).missing
    assert "ground" in view_of(memory.cards[CHILD_CARD], at_eighteen).missing
    agreed = child_added(person=CHILD.model_copy(update={"ground": Ground.CONSENT}))
    memory.apply([recorded(CHILD_CARD, 2, agreed)])
    card = view_of(memory.cards[CHILD_CARD], at_eighteen)
    assert (card.effective.ground, "ground" in card.missing) == (Ground.CONSENT, False)
