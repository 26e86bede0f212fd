"""When two cards of an account are, or may be, of one person: numbers decide, names and birth dates only hint."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.store import Document
from medonline_contracts.cards import StatedPerson
from services.cards.family import AlikeCards, alike_cards, alike_to, confirmed_of_holder
from services.cards.likeness import are_two, name_of, numbers_of
from services.cards.limits import MOST_CARDS
from services.cards.patient_card import PatientCardView, view_of
from services.cards.queries import list_of
from tests.cards.memory import Memory
from tests.cards.people import ACCOUNT, CHILD, CHILD_CARD, NOTHING, OWN_CARD, authenticated, child_added, stream
from tests.cards.test_card_views import ERASED, ERASED_CARD, REMOVED
from tests.spec import NOW

SECOND = "5a1c9e52-0000-5000-8000-00000000000d"
BARE = CHILD.model_copy(update={"snils": None})


def family(second: StatedPerson, first: StatedPerson = BARE, **confirmed: Any) -> list[Document]:
    memory = Memory()
    memory.apply(stream(ACCOUNT, authenticated(**confirmed)))
    memory.apply(stream(CHILD_CARD, child_added(person=first)))
    memory.apply(stream(SECOND, child_added(person=second)))
    return list(memory.cards.values())


def alike(documents: list[Document]) -> list[AlikeCards]:
    return list_of(documents, OWN_CARD, True, NOW).alike


@pytest.mark.parametrize(
    "written",
    [
        BARE,
        CHILD,
        BARE.model_copy(update={"family_name": "ЕЛКИНА", "given_name": "анна мария", "phone": "+79000000000"}),
    ],
)
def test_the_same_names_and_birth_date_are_a_hint_however_they_are_written(written: StatedPerson) -> None:
    (told,) = alike(family(written))
    assert ({told.card_id, told.other_card_id}, told.numbers) == ({SECOND, CHILD_CARD}, [])
    assert alike_to(BARE, SECOND, family(written)) == [CHILD_CARD]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (CHILD, CHILD.model_copy(update={"snils": "134-940-005 39"})),
        (BARE.model_copy(update={"enp": "2639852014001175"}), BARE.model_copy(update={"enp": "7700000000000008"})),
        (BARE, BARE.model_copy(update={"birth_date": date(2019, 5, 5)})),
        (BARE, BARE.model_copy(update={"middle_name": "Львовна"})),
    ],
)
def test_different_numbers_or_anything_else_that_differs_tell_two_people_apart(
    first: StatedPerson, second: StatedPerson
) -> None:
    assert alike(family(second, first)) == []
    assert alike_to(second, SECOND, family(second, first)) == []


@pytest.mark.parametrize(
    ("typed", "fields"),
    [({"snils": "000-000-600 06"}, ["snils"]), ({"enp": "2600000000000000"}, ["enp"])],
)
def test_a_number_that_gosuslugi_brought_offers_to_join(typed: dict[str, str], fields: list[str]) -> None:
    documents = family(BARE.model_copy(update={**typed, "given_name": "Пётр"}))
    assert alike(documents) == [AlikeCards(card_id=SECOND, other_card_id=OWN_CARD, numbers=fields)]


def test_removed_cards_are_like_nobody_and_erased_ones_neither() -> None:
    memory = Memory()
    memory.apply(stream(CHILD_CARD, child_added(person=BARE)))
    memory.apply(stream(SECOND, child_added(person=BARE), REMOVED))
    memory.apply(stream(ERASED_CARD, child_added(person=BARE), REMOVED, ERASED))
    documents = list(memory.cards.values())
    assert alike(documents) == []
    assert alike_to(BARE, CHILD_CARD, documents) == []


def test_while_ones_own_card_is_removed_gosuslugis_numbers_hinder_no_other_card() -> None:
    documents = family(BARE)
    assert confirmed_of_holder(ACCOUNT, documents).snils == "000-000-600 06"
    memory = Memory()
    memory.apply([*stream(ACCOUNT, authenticated()), *stream(OWN_CARD, REMOVED)])
    assert confirmed_of_holder(ACCOUNT, list(memory.cards.values())) == NOTHING


NUMBERED = st.builds(
    StatedPerson,
    family_name=st.just("Ёлкина"),
    given_name=st.sampled_from(["Анна", "АННА", "Вера"]),
    birth_date=st.just(date(2019, 5, 4)),
    snils=st.sampled_from([None, "112-233-445 95", "134-940-005 39", "11223344595"]),
    enp=st.sampled_from([None, "2639852014001175", "7700000000000008"]),
)


def viewed(people: list[StatedPerson]) -> list[PatientCardView]:
    memory = Memory()
    for person in people:
        memory.apply(stream(str(uuid4()), child_added(person=person)))
    return [view_of(document, NOW) for document in memory.cards.values()]


@given(st.lists(NUMBERED, max_size=8))
def test_each_card_is_named_with_the_first_of_its_name_that_no_number_tells_apart(people: list[StatedPerson]) -> None:
    cards = viewed(people)
    expected: dict[str, str] = {}
    for card, before in ((card, cards[:place]) for place, card in enumerate(cards)):
        for other in before:
            same_name = name_of(other.effective) == name_of(card.effective)
            if same_name and not are_two(other.effective, card.effective):
                expected.setdefault(card.card_id, other.card_id)
    assert {told.card_id: told.other_card_id for told in alike_cards(cards)} == expected


def test_of_two_hundred_cards_of_one_name_each_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = viewed([BARE.model_copy(update={"snils": f"{number:011}"}) for number in range(1, MOST_CARDS + 1)])
    looks: list[StatedPerson] = []

    def counted(person: StatedPerson) -> dict[str, str]:
        looks.append(person)
        return numbers_of(person)

    monkeypatch.setattr("services.cards.likeness.numbers_of", counted)
    monkeypatch.setattr("services.cards.family.numbers_of", counted)
    assert alike_cards(cards) == []
    assert len(looks) == MOST_CARDS
