"""What looks like a person's number or address leaves no trace in a log; what identifies a request stays whole."""

from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chassis.logs import mask_personal

DIGITS = st.text("0123456789", min_size=10, max_size=10)
PHONES = ("+7{}{}{}{}", "8{}{}{}{}", "+7 ({}) {}-{}-{}", "8({}){}-{}-{}", "8 {} {} {} {}", "8-{}-{}-{}-{}", "{}{}{}{}")
SNILS = ("{}-{}-{} {}", "{}-{}-{}-{}", "{} {} {} {}", "{}{}{}{}", "{}–{}–{} {}")
AROUND = (
    "{}",
    "snils={}",
    "phone:{}",
    'no "{}"',
    "({})",
    "tel-{}",
    "the card-{}, and more",
    "abcdef-{}-abcdef",
    "a{}f",
)
around = st.sampled_from(AROUND)


def masked(text: str) -> str:
    return str(mask_personal(None, "", {"event": text})["event"])


@given(DIGITS, st.sampled_from(PHONES), around)
def test_a_phone_goes_however_it_is_written_and_whatever_stands_around_it(digits: str, way: str, text: str) -> None:
    phone = way.format(digits[:3], digits[3:6], digits[6:8], digits[8:])
    said = masked(text.format(phone))
    assert "***" in said
    assert not any(map(str.isdigit, said))


@given(DIGITS, st.sampled_from(SNILS), around)
def test_a_snils_goes_however_it_is_written_and_whatever_stands_around_it(digits: str, way: str, text: str) -> None:
    snils = way.format(digits[:3], digits[3:6], digits[6:9], digits[9] + "0")
    said = masked(text.format(snils))
    assert "***" in said
    assert not any(map(str.isdigit, said))


@pytest.mark.parametrize("email", ["pochta@mail.example", "b1e6f0de-0000-4000-8000-790000000001@mail.example"])
def test_an_email_goes(email: str) -> None:
    assert masked(f"no letter to {email}.") == "no letter to ***."


@given(st.uuids(), st.sampled_from(["{}", "/api/cards/{}/history", "request {} of 3", "cards.view-{}", "{}:{}"]))
@example(UUID("12345678-1234-4123-8123-123456789012"), "attempt 123 {}")
@example(UUID("a1234567-8901-4234-8678-90123456789f"), "{}")
def test_an_id_stays_whole_so_that_a_request_is_found_by_it(identifier: UUID, text: str) -> None:
    said = text.format(identifier, identifier)
    assert masked(said) == said
    assert masked(said.upper()) == said.upper()


@given(st.text("0123456789abcdef", min_size=31, max_size=31), st.text("0123456789abcdef", min_size=15, max_size=15))
def test_a_trace_stays_whole(trace: str, span: str) -> None:
    assert masked(f"00-{trace}a-{span}b-01") == f"00-{trace}a-{span}b-01"


@given(DIGITS, st.uuids())
def test_an_id_hides_no_number_beside_it(digits: str, identifier: UUID) -> None:
    assert masked(f"{identifier} +7{digits} {identifier}") == f"{identifier} *** {identifier}"
