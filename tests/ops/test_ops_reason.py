"""The reason that every change wants: said in words, and never naming a person by a number that is theirs alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.problem import Exit, Problem
from ops.reason import LONGEST, looks_personal, require_reason

DIGITS = st.text("0123456789", min_size=11, max_size=11)


@pytest.mark.parametrize(
    "text",
    [
        "ticket 4711, view mended in v12.3",
        "since 2026-11-22 03:15:00 cards.view stands still",
        "22.11.2026 15:04:05, после сбоя диска",
        "account 0192f5a0-1111-7222-8333-123456789012 asked for it",
        "INC-1234567",
        "partition 3, offset 123456",
        "10.0.12.7 was replaced",
    ],
)
def test_what_operators_write_is_taken(text: str) -> None:
    assert require_reason(f"  {text}\n") == text


@pytest.mark.parametrize(
    "text",
    [
        "пациент 112-233-445 95 просит",
        "11223344595",
        "+7(902)111-22-33 called",
        "8 902 111 22 33",
        "902 111-22-33",
        "+49 151 12345678",
        "ivanova@example.org",
        "паспорт 45 10 123456",
        "паспорт 4510 № 123456",
        "полис 2600 0000 0000 0000",
        "2600000000000000",
        "112‑233‑445 95",
    ],
)
def test_what_is_one_persons_alone_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(Problem) as refused:
        require_reason(text)
    assert refused.value.exit is Exit.USAGE
    assert text not in str(refused.value)


@given(DIGITS, st.text(" -.()", max_size=2), st.text("абвг ", max_size=5))
def test_a_number_of_eleven_digits_is_found_however_it_is_written(digits: str, gap: str, around: str) -> None:
    written = gap.join((digits[:3], digits[3:6], digits[6:9], digits[9:]))
    assert looks_personal(f"{around} {written} {around}")


@pytest.mark.parametrize("text", [None, "", "  \n", "x" * (LONGEST + 1), "a\x1b[31m"])
def test_a_reason_is_a_sentence(text: str | None) -> None:
    with pytest.raises(Problem, match="--reason"):
        require_reason(text)
