"""What people type on a card's form: any usual writing gives one form, anything wrong a sentence beside its field."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chassis.problem import invalid
from medonline_contracts.cards import Relation, StatedDocument, StatedPerson
from medonline_contracts.identifiers import luhn_valid
from services.cards.statement_input import CardToAdd, StatementInput

REQUEST = "0b8f6d9e-3a52-4a5f-9a53-9d1f0a1b2c3d"
BLANK = st.sampled_from(["", " ", "\t", None])
LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАЯЁaZ"
NAMES = st.from_regex(rf"[{LETTERS}]([{LETTERS}]|[ '\-](?=[{LETTERS}])){{0,99}}", fullmatch=True)


def state(**typed: Any) -> StatedPerson:
    return StatementInput.model_validate(typed).person()


def errors_of(model: type[StatementInput], **typed: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(typed)
    return invalid(refused.value.errors()).errors


def with_luhn(fifteen: str) -> str:
    return next(fifteen + check for check in "0123456789" if luhn_valid(fifteen + check))


@given(NAMES, NAMES, st.one_of(BLANK, NAMES))
def test_any_name_is_taken_as_it_is_written(family: str, given_name: str, middle: str | None) -> None:
    stated = state(family_name=f" {family} ", given_name=given_name, middle_name=middle)

    assert (stated.family_name, stated.given_name) == (" ".join(family.split()), " ".join(given_name.split()))
    assert stated.middle_name == (" ".join(middle.split()) if middle and middle.strip() else None)


@given(st.sampled_from(["Иванов1", "<b>", "Иванов@", "я" * 101, "-", "Ива\u0000нов"]))
def test_a_name_is_made_of_letters(name: str) -> None:
    assert list(errors_of(StatementInput, family_name=name)) == ["family_name"]


@given(st.text("0123456789", min_size=15, max_size=15), st.sampled_from(["", " ", "-"]))
def test_a_policy_number_is_taken_with_its_check_digit_only(fifteen: str, between: str) -> None:
    right = with_luhn(fifteen)
    wrong = fifteen + str((int(right[-1]) + 1) % 10)

    assert state(enp=between.join([right[:4], right[4:8], right[8:]])).enp == right
    assert errors_of(StatementInput, enp=wrong) == {"enp": "Проверьте номер полиса: контрольная цифра не сходится"}


@given(st.sampled_from(["112-233-445 95", "11223344595", "112 233 445 95"]))
def test_a_snils_is_taken_in_any_usual_writing(typed: str) -> None:
    assert state(snils=typed).snils == "112-233-445 95"


@given(st.text(max_size=30))
def test_whatever_is_typed_into_a_field_is_read_or_told_in_russian(text: str) -> None:
    fields = ["family_name", "snils", "enp", "phone", "birth_date", "gender", "insurer"]
    try:
        state(**dict.fromkeys(fields, text))
    except ValidationError as refused:
        errors = invalid(refused.errors()).errors
        assert set(errors) <= set(fields)
        assert all("А" <= sentence[0] <= "Я" for sentence in errors.values())


@given(st.dates(min_value=date(1900, 1, 1)))
def test_a_date_is_read_as_people_and_as_programs_write_it(day: date) -> None:
    ways = (f"{day:%d.%m.%Y}", f"{day.day}.{day.month}.{day.year}", f" {day.day}.{day:%m.%Y}", day.isoformat())
    assert {state(birth_date=typed).birth_date for typed in ways} == {day}


@pytest.mark.parametrize("typed", ["04.05.19", "001.2.2019", "2019-1-2", "1/2/2019", "20190504", "вчера", 20190504, []])
def test_what_is_no_date_is_told_with_an_example(typed: object) -> None:
    assert errors_of(StatementInput, birth_date=typed) == {"birth_date": "Введите дату, например 07.06.1994"}


@pytest.mark.parametrize("typed", ["31.02.2020", "29.2.2019", "1.13.2019", "0.1.2019", "01.01.0000", "2019-13-01"])
def test_a_day_that_no_calendar_has_is_told_to_be_none(typed: str) -> None:
    assert errors_of(StatementInput, birth_date=typed) == {"birth_date": "Такой даты нет. Проверьте день, месяц и год"}


@given(st.lists(BLANK, min_size=8, max_size=8))
def test_blank_fields_state_nothing(blanks: list[str | None]) -> None:
    names = ["family_name", "middle_name", "birth_date", "gender", "snils", "enp", "insurer", "phone"]
    document = {"type": "RF_PASSPORT", "series": blanks[0], "number": blanks[1], "issued_on": blanks[2]}

    assert state(**dict(zip(names, blanks, strict=True)), identity_document=document) == StatedPerson()


def test_all_that_is_wrong_with_a_relative_is_told_at_once() -> None:
    errors = errors_of(CardToAdd, request_id=REQUEST, relation="child", family_name="", snils="112-233-445 96")

    assert list(errors) == ["family_name", "given_name", "birth_date", "gender", "snils"]
    assert errors["family_name"] == errors["gender"] == "Заполните это поле"


def test_a_card_is_added_with_a_relation_and_a_request_of_its_own() -> None:
    errors = errors_of(CardToAdd, relation="", request_id="")
    assert errors["relation"] == errors["request_id"] == "Заполните это поле"
    assert "relation" in errors_of(CardToAdd, relation="сосед", request_id=REQUEST)


def test_the_holder_may_state_nothing_of_themselves() -> None:
    assert StatementInput.model_validate({}).relation is Relation.SELF


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (
            {"type": "RF_PASSPORT", "series": "00 00", "number": "000 001", "department_code": "260001"},
            StatedDocument(type="RF_PASSPORT", series="0000", number="000001", department_code="260-001"),
        ),
        (
            {"type": "RF_BRTH_CERT", "series": "ii дн", "number": "№ 000001", "issued_on": "04.05.2019"},
            StatedDocument(type="RF_BRTH_CERT", series="II-ДН", number="000001", issued_on=date(2019, 5, 4)),
        ),
        (
            {"type": "RF_BRTH_CERT", "series": "ХУ-АБ", "number": "000001"},
            StatedDocument(type="RF_BRTH_CERT", series="XV-АБ", number="000001"),
        ),
        (
            {"type": "FRGN_PASS", "series": "", "number": "ab-123 45", "issued_by": "  Полиция \t города "},
            StatedDocument(type="FRGN_PASS", number="AB-123 45", issued_by="Полиция города"),
        ),
    ],
)
def test_documents_are_read_by_their_kind(typed: dict[str, str], read: StatedDocument) -> None:
    assert state(identity_document=typed).identity_document == read


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"type": "RF_PASSPORT", "number": "000001"}, ["series"]),
        ({"type": "RF_PASSPORT", "series": "0000"}, ["number"]),
        ({"type": "RF_PASSPORT", "series": "000", "number": "1"}, ["series", "number"]),
        ({"type": "RF_PASSPORT", "series": "0000", "number": "000001", "department_code": "26"}, ["department_code"]),
        ({"type": "RF_BRTH_CERT", "series": "2-ДН", "number": "00001"}, ["series", "number"]),
        ({"type": "FRGN_PASS", "number": "<script>"}, ["number"]),
        ({"type": "MILITARY_ID", "number": "000001"}, ["type"]),
        ({"series": "0000", "number": "000001"}, ["type"]),
        ({"type": "FRGN_PASS", "number": "1", "issued_by": "\u0007" * 3 + "я"}, ["issued_by"]),
    ],
)
def test_a_wrong_document_is_told_by_its_field(typed: dict[str, str], fields: list[str]) -> None:
    errors = errors_of(StatementInput, identity_document=typed)
    assert list(errors) == [f"identity_document.{field}" for field in fields]
