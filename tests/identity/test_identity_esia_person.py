"""What Gosuslugi says arrives byte for byte; what it does not say, or says unreadably, is null."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.esia.person import IDENTITY_DOCUMENTS, person_of
from services.identity.refusals import EsiaRefused

PERSON: dict[str, Any] = {"lastName": "Ким", "firstName": "Алина", "birthDate": "07.06.1994"}
PASSPORT: dict[str, Any] = {
    "id": 1,
    "type": "RF_PASSPORT",
    "vrfStu": "VERIFIED",
    "series": "0704",
    "number": "123456",
    "issueDate": "09.07.2014",
    "issueId": "260001",
    "issuedBy": "ОВД Ленинского р-на",
}
FOREIGN: dict[str, Any] = {"id": 2, "type": "FID_DOC", "vrfStu": "VERIFIED", "number": "AA 12"}
BIRTH: dict[str, Any] = {"id": 3, "type": "RF_BRTH_CERT", "vrfStu": "VERIFIED", "series": "I-ЖА", "number": "5"}
POLICY: dict[str, Any] = {"id": 4, "type": "MDCL_PLCY", "vrfStu": "VERIFIED", "unitedNumber": "2600000000000000"}

texts = st.text(min_size=1).filter(str.strip)


@given(family=texts, given_name=texts, middle=texts, snils=texts, citizenship=texts, mail=texts)
def test_text_passes_byte_for_byte(
    family: str, given_name: str, middle: str, snils: str, citizenship: str, mail: str
) -> None:
    said = {"lastName": family, "firstName": given_name, "middleName": middle, "snils": snils}
    contacts = [{"type": "EML", "value": mail}]
    person = person_of(1, {**PERSON, **said, "citizenship": citizenship}, contacts, [])
    assert (person.family_name, person.given_name, person.middle_name) == (family, given_name, middle)
    assert (person.snils, person.citizenship) == (snils, citizenship)
    assert person.email
    assert person.email.value == mail


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [*PERSON, *PASSPORT, *POLICY, "middleName", "gender", "snils", "citizenship", "rIdDoc", "value"]
objects = st.dictionaries(st.sampled_from(FIELDS), json | st.sampled_from(IDENTITY_DOCUMENTS))


@given(person=objects, contacts=st.lists(objects, max_size=3), documents=st.lists(objects, max_size=3))
def test_whatever_comes_is_a_person_or_refused(
    person: dict[str, Any], contacts: list[dict[str, Any]], documents: list[dict[str, Any]]
) -> None:
    with suppress(EsiaRefused):
        assert person_of(1, person, contacts, documents).esia_oid == 1


def test_what_was_not_handed_over_is_null() -> None:
    person = person_of(1, PERSON, [], [])
    assert person.model_dump(exclude_none=True).keys() == {"esia_oid", "family_name", "given_name", "birth_date"}


@pytest.mark.parametrize("missing", [{"birthDate": None}, {"birthDate": "1994"}, {"lastName": "", "firstName": ""}])
def test_without_a_birth_date_or_any_name_there_is_no_person(missing: dict[str, Any]) -> None:
    with pytest.raises(EsiaRefused):
        person_of(1, {**PERSON, **missing}, [], [])


def test_a_passport_keeps_its_writing() -> None:
    document = person_of(1, PERSON, [], [PASSPORT]).identity_document
    assert document
    assert document.model_dump(mode="json") == {
        "type": "RF_PASSPORT",
        "series": "0704",
        "number": "123456",
        "issued_on": "2014-07-09",
        "issued_by": "ОВД Ленинского р-на",
        "department_code": "260001",
        "verified": True,
    }


@pytest.mark.parametrize(
    ("preferred", "documents", "chosen"),
    [
        (None, [FOREIGN, PASSPORT], "RF_PASSPORT"),
        (2, [PASSPORT, FOREIGN], "FID_DOC"),
        (None, [FOREIGN], "FID_DOC"),
        (None, [{**PASSPORT, "vrfStu": "NOT_VERIFIED"}, FOREIGN], "FID_DOC"),
        (None, [{**PASSPORT, "vrfStu": "NOT_VERIFIED"}], "RF_PASSPORT"),
        (None, [BIRTH, POLICY], "RF_BRTH_CERT"),
        (None, [POLICY], None),
        (None, [{"type": "RF_DRIVING_LICENSE", "number": "1"}], None),
    ],
)
def test_one_document_proves_identity(
    preferred: int | None, documents: list[dict[str, Any]], chosen: str | None
) -> None:
    document = person_of(1, {**PERSON, "rIdDoc": preferred}, [], documents).identity_document
    assert (document.type if document else None) == chosen


@pytest.mark.parametrize(
    ("numbers", "enp", "valid"),
    [
        ({"unitedNumber": "2600000000000000"}, "2600000000000000", True),
        ({"unitedNumber": "2600000000000001"}, "2600000000000001", False),
        ({"unitedNumber": "260000000000000"}, "260000000000000", False),
        ({"unitedNumber": None, "number": "2600000000000000"}, "2600000000000000", True),
        ({"unitedNumber": None, "number": "12345678901", "series": "26"}, None, False),
    ],
)
def test_a_policy_number_is_taken_as_given_and_marked(numbers: dict[str, Any], enp: str | None, valid: bool) -> None:
    policy = person_of(1, PERSON, [], [{**POLICY, **numbers}]).oms_policy
    assert policy
    assert (policy.enp, policy.enp_valid) == (enp, valid)


@pytest.mark.parametrize(("said", "insurer"), [({"medicalOrg": "А", "issuedBy": "Б"}, "А"), ({"issuedBy": "Б"}, "Б")])
def test_the_insurer_is_the_medical_organisation_or_whoever_issued_the_policy(
    said: dict[str, Any], insurer: str
) -> None:
    policy = person_of(1, PERSON, [], [{**POLICY, **said}]).oms_policy
    assert policy
    assert policy.insurer == insurer


@pytest.mark.parametrize(
    ("said", "phone"), [("+7(977)8318309", "+79778318309"), ("+998(90)1234567", "+998(90)1234567")]
)
def test_a_russian_phone_is_written_as_e164_and_any_other_stays(said: str, phone: str) -> None:
    person = person_of(1, PERSON, [{"type": "MBT", "value": said, "vrfStu": "VERIFIED"}], [])
    assert person.phone
    assert (person.phone.value, person.phone.verified) == (phone, True)


def test_a_confirmed_contact_goes_before_another() -> None:
    contacts = [
        {"type": "EML", "value": "a@example.org", "vrfStu": "NOT_VERIFIED"},
        {"type": "EML", "value": "b@example.org", "vrfStu": "VERIFIED"},
    ]
    email = person_of(1, PERSON, contacts, []).email
    assert email
    assert email.value == "b@example.org"
