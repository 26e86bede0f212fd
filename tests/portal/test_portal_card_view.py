"""A card shows what Gosuslugi confirmed and what its holder stated, side by side, and asks for what is missing."""

import pytest

from medonline_contracts.cards import Ground, StatedDocument, StatedPerson
from medonline_contracts.person import Contact
from services.portal.card_remarks import DIFFERS, GROUND_MISSING, INSTEAD, TO_CHECK
from services.portal.card_view import CardRow, confirmed_texts, expected_document, rows_of
from services.portal.clients.cards import PatientCard
from tests.portal.cards import CONFIRMED, PASSPORT, childs_card, own_card


def row(card: PatientCard, field: str) -> CardRow:
    return next(one for one in rows_of(card) if one.field == field)


def test_the_rows_stand_in_the_manuals_order() -> None:
    assert [one.label for one in rows_of(own_card())] == [
        "Страховой полис",
        "Дата рождения",
        "Фамилия",
        "Имя",
        "Отчество",
        "Паспорт РФ",
        "СНИЛС",
        "Пол",
        "Страховая компания",
    ]


def test_what_gosuslugi_said_is_shown_as_it_said_it() -> None:
    shown = {one.label: one.confirmed for one in rows_of(own_card())}
    assert shown["Страховой полис"] == "2600000000000000"
    assert shown["Страховая компания"] == 'АО "СОГАЗ-МЕД" (ранее ВТБ)'
    assert (shown["Дата рождения"], shown["Пол"]) == ("01.01.1990", "женский")


def test_a_passport_is_one_line() -> None:
    card = own_card(CONFIRMED.model_copy(update={"identity_document": PASSPORT}))
    shown = row(card, "identity_document.number")
    assert shown.confirmed == "0705 418263, выдан 21.04.2005, ОВД Ленинского района, код подразделения 260-005"
    assert shown.verified


def test_missing_passport_and_snils_are_asked_for() -> None:
    assert [one.field for one in rows_of(own_card()) if one.asks] == ["identity_document.number", "snils"]


def test_no_middle_name_is_nothing_to_ask_for() -> None:
    shown = row(own_card(CONFIRMED.model_copy(update={"middle_name": None})), "middle_name")
    assert (shown.asks, shown.absent) == (False, "нет")


def test_what_the_holder_stated_stands_beside_what_gosuslugi_said_where_they_differ() -> None:
    card = own_card(stated=StatedPerson(family_name="Другая", given_name="имя"), differs=["family_name"])
    family_name, given_name = row(card, "family_name"), row(card, "given_name")
    assert (family_name.confirmed, family_name.stated, family_name.remarks) == ("Фамилия", "Другая", (DIFFERS,))
    assert (given_name.confirmed, given_name.stated, given_name.remarks) == ("Имя", "", ())
    assert (family_name.takes, given_name.takes) == ("family_name", "")


def test_a_document_that_differs_can_be_taken_from_gosuslugi_whole() -> None:
    other = StatedDocument(type="RF_PASSPORT", series="0705", number="000001")
    confirmed = CONFIRMED.model_copy(update={"identity_document": PASSPORT})
    card = own_card(confirmed, StatedPerson(identity_document=other), differs=["identity_document"])
    assert row(card, "identity_document.number").takes == "identity_document"


@pytest.mark.parametrize("field", ["enp", "snils"])
def test_a_number_of_gosuslugis_that_fails_its_check_is_not_offered_to_be_taken(field: str) -> None:
    stated = StatedPerson.model_validate({field: "another"})
    assert row(own_card(stated=stated, to_check=[field], differs=[field]), field).takes == ""


def test_what_an_unconfirmed_account_says_is_not_called_confirmed() -> None:
    assert row(own_card(), "birth_date").verified
    assert not row(own_card(trusted=False), "birth_date").verified


def test_a_grown_up_relatives_card_shows_its_ground_or_asks_for_it() -> None:
    child = childs_card()
    assert "ground" not in [one.field for one in rows_of(child)]
    agreed = row(child.model_copy(update={"effective": StatedPerson(ground=Ground.CONSENT)}), "ground")
    assert (agreed.stated, agreed.asks, agreed.remarks) == ("Согласие этого человека", False, ())
    grown_up = row(child.model_copy(update={"missing": ["ground"]}), "ground")
    assert (grown_up.stated, grown_up.asks, grown_up.remarks) == ("", True, (GROUND_MISSING,))


def test_what_gosuslugi_did_not_say_is_taken_from_the_holder() -> None:
    card = own_card(stated=StatedPerson(snils="112-233-445 95"))
    assert (row(card, "snils").confirmed, row(card, "snils").stated) == ("", "112-233-445 95")


@pytest.mark.parametrize(("field", "who"), [("enp", "страховая компания"), ("snils", "в личном кабинете Госуслуг")])
def test_of_a_number_that_fails_its_check_it_is_said_who_can_mend_it_before_another_is_asked_for(
    field: str, who: str
) -> None:
    (remark,) = row(own_card(to_check=[field]), field).remarks
    assert remark == TO_CHECK[field]
    assert who in remark.text.partition("другой номер")[0]
    assert remark.offer == "Указать другой номер"


@pytest.mark.parametrize("field", ["enp", "snils"])
def test_once_another_number_is_stated_nothing_more_is_asked_for(field: str) -> None:
    stated = StatedPerson.model_validate({field: "another"})
    (remark,) = row(own_card(stated=stated, to_check=[field], differs=[field]), field).remarks
    assert (remark, remark.offer) == (INSTEAD[field], "")


def test_the_form_says_that_a_number_which_fails_its_check_cannot_be_stated_here() -> None:
    assert "указать здесь этот же номер нельзя" in confirmed_texts(own_card(to_check=["enp"]))["enp"]
    assert confirmed_texts(own_card())["enp"] == "2600000000000000"


def test_the_telephone_is_shown_where_one_was_stated_or_confirmed() -> None:
    assert "phone" not in [one.field for one in rows_of(own_card())]
    stated = row(own_card(stated=StatedPerson(phone="+79000000000")), "phone")
    assert (stated.label, stated.stated) == ("Телефон", "+7 (900) 000-00-00")
    phone = Contact(value="+79000000001", verified=True)
    confirmed = row(own_card(CONFIRMED.model_copy(update={"phone": phone})), "phone")
    assert (confirmed.confirmed, confirmed.verified) == ("+7 (900) 000-00-01", True)


def test_only_who_is_asked_for_a_russian_passport_finds_it_chosen() -> None:
    assert expected_document(own_card()) == "RF_PASSPORT"
    assert expected_document(own_card(CONFIRMED.model_copy(update={"citizenship": "UZB"}))) == ""
    assert expected_document(childs_card()) == ""


def test_a_document_that_gosuslugi_has_not_checked_is_not_called_confirmed() -> None:
    unchecked = PASSPORT.model_copy(update={"verified": False})
    card = own_card(CONFIRMED.model_copy(update={"identity_document": unchecked}))
    assert not row(card, "identity_document.number").verified


def test_a_foreigner_has_a_foreign_document_in_place_of_the_passport() -> None:
    foreign = PASSPORT.model_copy(update={"type": "FID_DOC"})
    with_one = CONFIRMED.model_copy(update={"citizenship": "UZB", "identity_document": foreign})
    without = CONFIRMED.model_copy(update={"citizenship": "UZB"})
    assert row(own_card(with_one), "identity_document.number").label == "Документ иностранного гражданина"
    assert row(own_card(without), "identity_document.type").label == "Документ, удостоверяющий личность"


def test_of_a_relative_no_kind_of_document_is_assumed_and_the_kind_is_asked_for_first() -> None:
    child = childs_card()
    asked = row(child, "identity_document.type")
    assert (asked.label, asked.asks) == ("Документ, удостоверяющий личность", True)
    certificate = StatedDocument(type="RF_BRTH_CERT", series="II-ДН", number="123456")
    stated = StatedPerson(identity_document=certificate)
    known = child.model_copy(update={"stated": stated, "effective": stated})
    assert row(known, "identity_document.number").label == "Свидетельство о рождении"


def test_a_stated_birth_certificate_gives_the_row_its_name() -> None:
    certificate = StatedDocument(type="RF_BRTH_CERT", series="II-ДН", number="123456")
    card = own_card(stated=StatedPerson(identity_document=certificate))
    shown = row(card, "identity_document.number")
    assert (shown.label, shown.stated) == ("Свидетельство о рождении", "II-ДН 123456")


def test_a_relatives_card_holds_only_what_was_stated() -> None:
    rows = rows_of(childs_card())
    assert not any(one.confirmed for one in rows)
    assert row(childs_card(), "birth_date").stated == "01.02.2015"
