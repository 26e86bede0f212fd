"""The demonstration people: a file that can be replaced, and the ones it holds by default."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.esia.logins import phone_as_shown, readings
from deploy.local.esia.people import Account, read_people


@pytest.fixture
def people(people_file: Path) -> tuple[Account, ...]:
    return read_people(people_file.read_text(encoding="utf-8"))


def document(account: Account, kind: str) -> dict[str, Any]:
    return next((d.as_esia() for d in account.documents if d.type == kind), {})


def luhn_holds(number: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def snils_holds(snils: str) -> bool:
    digits = re.sub(r"\D", "", snils)
    if int(digits[:9]) <= 1_001_998:
        return True
    control = sum(int(digit) * (9 - place) for place, digit in enumerate(digits[:9])) % 101 % 100
    return control == int(digits[9:])


def test_every_snils_has_its_check_number(people: tuple[Account, ...]) -> None:
    given_over = [str(a.person["snils"]) for a in people if "snils" in a.person]
    assert len(given_over) >= 9
    assert [snils for snils in given_over if not snils_holds(snils)] == []


def test_every_policy_but_one_has_its_check_digit(people: tuple[Account, ...]) -> None:
    wrong = [a.oid for a in people if not luhn_holds(document(a, "MDCL_PLCY").get("number", "0"))]
    assert wrong == [1000400008]


def test_every_password_opens_one_account_of_its_login(people: tuple[Account, ...]) -> None:
    keys = [(login, account.password) for account in people for login in account.logins]
    assert len(keys) == len(set(keys))
    assert all(account.note for account in people)


def test_the_manuals_picture_is_there(people: tuple[Account, ...]) -> None:
    [picture] = [a for a in people if document(a, "MDCL_PLCY").get("number") == "2600000000000000"]
    assert picture.full_name == "Фамилия Имя Отчество"
    assert (picture.person["birthDate"], picture.person["gender"]) == ("01.01.1990", "F")
    assert document(picture, "MDCL_PLCY")["medicalOrg"] == 'АО "СОГАЗ-МЕД" (ранее ВТБ)'
    assert "snils" not in picture.person
    assert document(picture, "RF_PASSPORT") == {}


def test_every_special_case_is_there(people: tuple[Account, ...]) -> None:
    assert [a for a in people if not a.trusted]
    assert [a for a in people if "middleName" not in a.person]
    assert [a for a in people if a.person["citizenship"] != "RUS" and document(a, "FID_DOC")]
    assert [a for a in people if str(a.person["birthDate"]).endswith("2014")]
    assert [a for a in people if a.typ != "P"]
    born = [(a.full_name, a.person["birthDate"]) for a in people if a.full_name == "Иванов Иван Иванович"]
    assert len(born) == 2
    assert len(set(born)) == 1
    snils = [a.person["snils"] for a in people if "snils" in a.person]
    assert len(snils) - len(set(snils)) == 1
    phones = [c.value for a in people for c in a.contacts if c.type == "MBT" and c.vrfStu == "VERIFIED"]
    assert len(phones) - len(set(phones)) == 1


def test_an_account_that_no_code_can_reach_is_refused(people_file: Path) -> None:
    accounts = json.loads(people_file.read_text(encoding="utf-8"))
    accounts[0]["contacts"] = []
    with pytest.raises(ValueError, match="the code goes there"):
        read_people(json.dumps(accounts))


def test_two_accounts_with_one_oid_are_refused(people_file: Path) -> None:
    accounts = json.loads(people_file.read_text(encoding="utf-8"))
    with pytest.raises(ValueError, match="twice"):
        read_people(json.dumps([accounts[0], accounts[0]]))


@given(st.text(max_size=40))
def test_any_text_can_be_read_as_a_login(text: str) -> None:
    assert all(re.fullmatch(r"phone:\+7\d{10}|snils:\d{11}|email:.*", r, re.ASCII | re.S) for r in readings(text))


@given(st.from_regex(r"9[0-9]{9}", fullmatch=True))
def test_every_usual_form_of_a_phone_is_one_login(number: str) -> None:
    parted = f"{number[:3]}) {number[3:6]}-{number[6:8]}-{number[8:]}"
    forms = [number, f"+7{number}", f"8{number}", f"7 {number}", f"+7 ({parted}", f"8({parted}"]
    assert all(f"phone:+7{number}" in readings(form) for form in forms)


def test_a_phone_is_shown_as_in_the_manual() -> None:
    assert phone_as_shown("+7(000)0000000") == "+7 000-000-00-00"
    assert phone_as_shown("name@example.org") == "name@example.org"
