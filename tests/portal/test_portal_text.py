"""Dates, names and texts stand as people in Russia write them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.text import (
    Paragraph,
    Points,
    read_plain_text,
    short_name,
    show_date,
    show_gender,
    show_moment,
)


def test_a_date_a_moment_and_a_gender() -> None:
    assert show_date(date(1990, 1, 1)) == "01.01.1990"
    assert show_date(date(305, 2, 3)) == "03.02.0305"
    assert show_moment(datetime(2026, 11, 21, 22, 5, tzinfo=UTC)) == "22.11.2026 в 01:05 (по Москве)"
    assert (show_gender("female"), show_gender("male"), show_gender(None)) == ("женский", "мужской", "")


@pytest.mark.parametrize(
    ("given_name", "family_name", "shown"),
    [("Имя", "Фамилия", "Имя Ф."), ("Анна Мария", "ёлкина", "Анна Мария Ё."), ("Ким", "", "Ким"), ("", "", "")],
)
def test_the_menu_calls_the_person_by_name_and_initial(given_name: str, family_name: str, shown: str) -> None:
    assert short_name(given_name, family_name) == shown


def test_a_consent_is_read_as_heading_paragraphs_and_lists() -> None:
    text = "Согласие\n\nЯ согласен\nна обработку:\n- имени;\n- даты\n  рождения.\n\nСрок."
    document = read_plain_text(text)
    assert document.heading == "Согласие"
    assert document.blocks == (
        Paragraph("Я согласен на обработку:"),
        Points(("имени;", "даты рождения.")),
        Paragraph("Срок."),
    )


@given(st.text(alphabet=st.sampled_from("абв- \n"), max_size=80))
def test_no_word_of_a_document_is_lost(text: str) -> None:
    document = read_plain_text(text)
    shown = [document.heading]
    for block in document.blocks:
        shown += [block.text] if isinstance(block, Paragraph) else list(block.items)
    assert [letter for letter in text if letter in "абв"] == [letter for letter in " ".join(shown) if letter in "абв"]
