"""Whatever an event holds and wherever it holds it, no personal data is shown."""

import json
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medonline_contracts.cards import PatientCardAdded, Relation, StatedPerson
from medonline_contracts.envelope import NewerVersion, Unreadable
from medonline_contracts.identity import EsiaAuthenticated, PasswordChanged
from medonline_contracts.person import Contact, EsiaPerson
from medonline_contracts.settings import PasswordSet
from medonline_contracts.wire import parse
from ops.masking import MASK, event_shown, headers_shown, key_shown, reason_shown, value_shape

SNILS = ("112-233-445 95", "11223344595", "134 940 005 39")
PHONES = ("+79187654321", "8 (918) 765-43-21", "89187654321")
NAMES = ("Иванова", "Ivanova", "мария@example.ru", "Ivanova Maria")
planted = st.sampled_from((*SNILS, *PHONES, *NAMES))
with_planted = st.builds(
    lambda before, what, after: before + what + after, st.text(max_size=5), planted, st.text(max_size=5)
)
field_names = (
    st.sampled_from(("person", "snils", "phone", "account_id", "ce_type", "data")) | with_planted | st.text(max_size=8)
)
values: st.SearchStrategy[Any] = st.recursive(
    planted | with_planted | st.none() | st.booleans() | st.just(79187654321) | st.just(11223344595),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(field_names, inner, max_size=4),
    max_leaves=12,
)
header_names = (
    st.sampled_from(("ce_id", "ce_type", "ce_subject", "ce_time", "ce_streamversion", "traceparent")) | with_planted
)
header_values = st.none() | planted.map(str.encode) | with_planted.map(str.encode) | st.binary(max_size=12)
headers = st.lists(st.tuples(header_names, header_values), max_size=6)


def shows_nothing_of(shown: object) -> bool:
    """Whether none of what was planted is to be found, however it is written."""
    text = json.dumps(shown, ensure_ascii=False) if not isinstance(shown, str) else shown
    digits = "".join(character for character in text if character.isdigit())
    bare = [plant for plant in (*SNILS, *PHONES, *NAMES) if plant in text]
    return not bare and "11223344595" not in digits and "9187654321" not in digits


@given(values)
def test_of_data_only_known_fields_types_and_lengths_are_shown(value: Any) -> None:
    assert shows_nothing_of(value_shape(json.dumps(value).encode()))


@given(st.binary(max_size=30) | with_planted.map(str.encode) | st.just(b"[" * 100_000))
def test_data_that_are_no_json_are_shown_by_their_length(value: bytes) -> None:
    assert shows_nothing_of(value_shape(value))


@given(headers)
def test_of_headers_only_what_has_its_proper_form_is_shown(given_headers: list[tuple[str, bytes | None]]) -> None:
    assert shows_nothing_of(headers_shown(given_headers))


@given(with_planted | planted)
def test_a_key_that_is_no_id_is_masked(key: str) -> None:
    assert key_shown(key.encode()) == f"{MASK} ({len(key.encode())} bytes)"


@given(st.binary(max_size=12) | planted.map(str.encode), headers, values)
def test_why_a_record_cannot_be_read_tells_nothing_of_it(
    key: bytes, given_headers: list[tuple[str, bytes | None]], value: Any
) -> None:
    attributes = [("ce_type", PatientCardAdded.type_name().encode()), ("ce_subject", key), *given_headers]
    with pytest.raises((Unreadable, NewerVersion)) as unreadable:
        parse(key, attributes, json.dumps(value).encode())
    assert shows_nothing_of(reason_shown(str(unreadable.value)))


def test_reasons_of_our_own_are_shown_whole() -> None:
    for reason in (
        "behind a parked event",
        "ValueError",
        "ce_type: is null",
        "data.person.birth_date: date_from_datetime_parsing",
        "data.: json_invalid",
        "data: is not what this version was",
        "ce_subject: is not the record's key",
        "ce_time: is no RFC 3339 time",
        str(NewerVersion(PasswordChanged.type_of(2))),
    ):
        assert reason_shown(reason) == reason


def test_ids_types_and_times_are_shown() -> None:
    account = str(uuid4())
    attributes = [
        ("ce_type", PasswordSet.type_name().encode()),
        ("ce_subject", account.encode()),
        ("ce_streamversion", b"17"),
        ("ce_time", b"2026-11-22T05:00:00.123000+00:00"),
        ("ce_source", b"/medonline/settings"),
        ("x-unknown", b"anything"),
        ("content-type", None),
    ]
    assert key_shown(account.encode()) == account
    assert headers_shown(attributes) == {
        **{name: value.decode() for name, value in attributes[:5] if value},
        "unknown header 6": f"{MASK} (8 bytes)",
        "content-type": None,
    }


def test_of_a_person_the_names_of_the_fields_are_shown_alone() -> None:
    account = str(uuid4())
    person = EsiaPerson(
        esia_oid=1000001,
        family_name="Иванова",
        given_name="мария",
        birth_date=date(1990, 1, 2),
        snils=SNILS[0],
        phone=Contact(value=PHONES[0]),
    )
    event = EsiaAuthenticated(
        account_id=account, trusted=True, authenticated_at="2026-11-22T05:00:00Z", region="RU-STA", person=person
    )
    shown = event_shown(event)
    assert {name: shown[name] for name in ("account_id", "trusted", "authenticated_at", "region")} == {
        "account_id": account,
        "trusted": True,
        "authenticated_at": "2026-11-22T05:00:00Z",
        "region": "RU-STA",
    }
    assert set(shown["person"]) == set(EsiaPerson.model_fields)
    assert shown["person"]["phone"] == {"value": MASK, "verified": MASK}
    assert {value for value in shown["person"].values() if isinstance(value, str)} == {MASK}


@given(planted, planted, planted)
def test_whatever_a_holder_states_is_not_shown(family_name: str, snils: str, phone: str) -> None:
    stated = StatedPerson(family_name=family_name, snils=snils, phone=phone)
    event = PatientCardAdded(account_id=phone, relation=Relation.CHILD, person=stated)
    assert shows_nothing_of(event_shown(event))
    assert event_shown(event)["relation"] == "child"


def test_a_shape_tells_where_to_look() -> None:
    value = {"account_id": "x", "person": {"snils": SNILS[0], "secret": [1, 2, 3, 4, 5, 6, 7], "phone": None}}
    assert value_shape(json.dumps(value).encode()) == {
        "account_id": "text of 1 characters",
        "person": {
            "snils": "text of 14 characters",
            "unknown field 2": [*["number"] * 5, "2 more"],
            "phone": "null",
        },
    }
    assert value_shape(None) is None
