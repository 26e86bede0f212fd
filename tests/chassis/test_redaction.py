"""An attack on the redaction: people's numbers and names in every shape, anywhere in what is logged."""

import json
from collections.abc import Callable
from datetime import date
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chassis.redaction import redact

Hide = Callable[[str], object]
GAPS = st.sampled_from(["", " ", "-", "\u00a0", " - ", "–", "\u2011", ".", "\u2009", "\u200b", "_", "/", " (", ") "])
LENGTHS = {"phone": 11, "phone without 8": 10, "СНИЛС": 11, "ЕНП": 16, "passport": 10, "two numbers": 22}
NAMES = ("Иванова", "ПЕТРОВ-ВОДКИН", "Анна Мария", "Ёлкина", "Ґалаґан")
EMAILS = ("pochta@mail.example", "i.ivanov+med@sub.mail.example", "почта@пример.рф", "a%b@mail.example")
KEYS: tuple[str, ...] = (
    "snils",
    "phone",
    "family_name",
    "givenName",
    "birth_date",
    "birthDate",
    "full_name",
    "name",
    "Фамилия",
)
KEYS += ("person", "esia_oid", "oms_policy", "contacts", "passwords", "access_token", "Authorization", "set-cookie")


@st.composite
def numbers(draw: st.DrawFn) -> tuple[str, str]:
    """The digits of a person's number, and the number as somebody wrote it."""
    length = draw(st.sampled_from(sorted(LENGTHS.values())))
    digits = draw(st.text("123456789", min_size=length, max_size=length))
    pieces = [digits[at : at + 3] for at in range(0, length, 3)]
    return digits, draw(st.sampled_from(["", "+"])) + draw(GAPS).join(pieces)


AROUND = ("{}", "snils={}", "the card of {}, and more", '{{"ok": "{}"}}', "({})", "\\u0441{}", "/cards/{}/edit", "x{}y")
around = st.sampled_from(AROUND)
HIDING: list[Hide] = [
    lambda said: said,
    quote,
    quote_plus,
    lambda said: quote(quote(said)),
    lambda said: said.encode(),
    lambda said: bytearray(said.encode()),
    lambda said: json.dumps({"a": [{"b": said}]}),
    lambda said: json.dumps({"a": [{"b": said}]}, ensure_ascii=False).encode(),
    lambda said: f"could not store {json.dumps([said])} just now",
    lambda said: "".join(f"\\u{ord(letter):04x}" for letter in said),
    lambda said: ValueError(said),
    lambda said: {said: said},
    lambda said: {"a": [(said,), {said}]},
    lambda said: [[[[said]]]],
    lambda said: date(1990, 1, 2) if said else None,
    lambda said: type("Person", (), {"__repr__": lambda _: said})(),
]
hiding = st.sampled_from(HIDING)


def digits_in(told: object) -> str:
    return "".join(letter for letter in json.dumps(told, ensure_ascii=False) if letter.isdigit())


@settings(max_examples=500)
@given(numbers(), around, hiding)
def test_a_number_goes_however_it_is_written_and_wherever_it_is_hidden(
    number: tuple[str, str], text: str, hide: Hide
) -> None:
    digits, written = number
    assert digits[2:9] not in digits_in(redact(hide(text.format(written))))


@given(st.integers(min_value=10**9, max_value=10**17))
def test_a_number_goes_as_a_number_too(number: int) -> None:
    assert redact({"a": [number, float(number), -number]}) == {"a": ["***"] * 3}


@settings(max_examples=500)
@given(st.sampled_from(NAMES), around, hiding)
def test_a_russian_name_goes_wherever_it_is_hidden(name: str, text: str, hide: Hide) -> None:
    told = json.dumps(redact(hide(text.format(name))), ensure_ascii=False)
    assert not any("\u0400" <= letter <= "\u04ff" for letter in told)


@given(st.sampled_from(EMAILS), st.sampled_from(["{}", "to {}.", "<{}>", "mailto:{}", "email={}&x"]), hiding)
def test_an_email_goes_wherever_it_is_hidden(email: str, text: str, hide: Hide) -> None:
    told = json.dumps(redact(hide(text.format(email))), ensure_ascii=False)
    assert email.partition("@")[0] not in told


@given(st.sampled_from(KEYS), st.text(min_size=1) | st.integers() | st.lists(st.text()) | st.binary())
def test_whatever_goes_by_a_persons_name_goes_with_it(key: str, value: object) -> None:
    assert redact({"a": [{key: value}]}) == {"a": [{key if key.isascii() else "***": "***"}]}


@pytest.mark.parametrize(
    "text",
    [
        "family_name='Ivanov' given_name='Ivan'",
        "name: Ivanov Ivan, ok",
        "http://esia/person?family_name=Ivanov&x=1",
        "{'family_name': 'Ivanov', 'x': 1}",
        '{\\"family_name\\": \\"Ivanov\\"}',
        "names: ['Petrova', 'Ivanov']",
        "password=Ivanov",
        "token: Ivanov",
        "mongodb://medonline:Ivanov@host:1/db",
        "passport 1234 567890",
        "series 1234, number 567890",
        "Bearer eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJJdmFub3YifQ.c2ln",
        "login=petrova",
        "login: petrova",
        "email=ivanov",
        "last_name=ivanova birth_date=tomorrow",
        "GET /api/x?login=ivan",
    ],
)
def test_what_a_text_says_by_a_name_goes(text: str) -> None:
    told = str(redact(text)).lower()
    assert not any(said in told for said in ("ivan", "petrova", "tomorrow", "1234", "567890", "eyj"))


@pytest.mark.parametrize("text", ["login=missing", "/x?login=enum", "password: missing", "last_name:missing"])
def test_what_could_be_the_kind_of_an_error_goes_where_none_is_told(text: str) -> None:
    assert not any(said in str(redact(text)) for said in ("missing", "enum"))


leaves = st.text(max_size=40) | st.binary(max_size=40) | st.integers() | st.floats()


@given(st.dictionaries(st.text(max_size=10), leaves, max_size=3) | leaves)
@example("[" * 4_000)
@example("a=" * 2_000)
@example("%25" * 1_300)
@example("{" * 4_000 + "}")
def test_nothing_breaks_it_and_what_comes_out_is_json(value: object) -> None:
    json.dumps(redact(value))


def test_a_value_that_holds_itself_has_an_end() -> None:
    loop: list[object] = []
    loop.append(loop)
    assert "***" in json.dumps(redact(loop))
