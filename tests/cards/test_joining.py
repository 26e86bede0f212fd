"""Where Gosuslugi brought a number that a relative's card had, that card can become part of the holder's own."""

from typing import Any

import pytest

from medonline_contracts.cards import (
    PatientCardAdded,
    PatientCardCorrected,
    PatientCardRemoved,
    Relation,
    StatedPerson,
)
from medonline_contracts.envelope import Event
from services.cards.commands import AddPatientCard, CorrectPatientCard, JoinPatientCards
from services.cards.domain import PatientCard, before_all_events, decide, evolve
from services.cards.joining import Joining, join
from services.cards.refusals import CardChanged, CardRemoved, NotFound, NotOnePerson, NumberTaken
from tests.cards.people import ACCOUNT, CHILD_CARD, OTHER_ACCOUNT, OWN_CARD, child_added
from tests.spec import NOW

SNILS = "112-233-445 95"
CONFIRMED = StatedPerson(family_name="Ёлкин", given_name="Пётр", snils=SNILS)
ME = StatedPerson(family_name="Елкин", given_name="Петр", snils=SNILS, insurer="АО «Пример»", phone="+79000000000")
REMOVED = PatientCardRemoved(account_id=ACCOUNT, removed_at=NOW)
JOINED = PatientCardRemoved(account_id=ACCOUNT, removed_at=NOW, replaced_by=OWN_CARD)


def card_of(*events: Event, card_id: str = CHILD_CARD) -> Any:
    card = before_all_events(card_id, ACCOUNT)
    for event in events:
        card = evolve(card, event)
    return card


def own_of(*events: Event) -> PatientCard:
    card: PatientCard = card_of(*events, card_id=OWN_CARD)
    return card


def me_as_a_relative(person: StatedPerson = ME) -> PatientCardAdded:
    return PatientCardAdded(account_id=ACCOUNT, relation=Relation.OTHER, person=person)


def joined(own: PatientCard, other: PatientCard | None, account_id: str = ACCOUNT, version: int = 1) -> Joining:
    return join(own, other, JoinPatientCards(account_id, version, CONFIRMED), NOW)


def corrected(person: StatedPerson) -> PatientCardCorrected:
    return PatientCardCorrected(account_id=ACCOUNT, relation=Relation.SELF, person=person)


def test_what_neither_gosuslugi_nor_the_holder_said_is_taken_over_and_the_other_card_is_removed() -> None:
    taken_over = corrected(StatedPerson(insurer="АО «Пример»", phone="+79000000000"))
    assert joined(own_of(), card_of(me_as_a_relative())) == Joining([taken_over], [JOINED])


def test_what_the_own_card_states_already_stays() -> None:
    own = own_of(corrected(StatedPerson(phone="+79990000000")))
    filled = corrected(StatedPerson(phone="+79990000000", insurer="АО «Пример»"))
    assert joined(own, card_of(me_as_a_relative())).own == [filled]


def test_where_nothing_is_to_be_taken_over_the_own_card_stays_as_it_is() -> None:
    bare = StatedPerson(family_name="Ёлкин", given_name="Пётр", snils=SNILS)
    assert joined(own_of(), card_of(me_as_a_relative(bare))) == Joining([], [JOINED])


def test_only_a_number_that_gosuslugi_confirmed_joins_cards() -> None:
    namesake = ME.model_copy(update={"snils": "134-940-005 39"})
    for other in (card_of(me_as_a_relative(namesake)), own_of(corrected(ME))):
        with pytest.raises(NotOnePerson):
            joined(own_of(), other)


def test_a_card_that_is_removed_changed_or_not_ones_own_is_not_joined() -> None:
    with pytest.raises(CardRemoved):
        joined(own_of(), card_of(me_as_a_relative(), REMOVED), version=2)
    with pytest.raises(CardRemoved):
        joined(own_of(REMOVED), card_of(me_as_a_relative()))
    with pytest.raises(CardChanged):
        joined(own_of(), card_of(me_as_a_relative()), version=2)
    for account_id, other in ((OTHER_ACCOUNT, card_of(me_as_a_relative())), (ACCOUNT, None)):
        with pytest.raises(NotFound):
            joined(own_of(), other, account_id)


def test_a_number_that_gosuslugi_confirmed_of_the_holder_is_not_typed_on_a_relatives_card() -> None:
    adding = AddPatientCard(ACCOUNT, Relation.CHILD, child_added().person, confirmed=CONFIRMED)
    with pytest.raises(NumberTaken) as refused:
        decide(None, adding, NOW)
    assert refused.value.holders == {"snils": OWN_CARD}
    without = child_added().person.model_copy(update={"snils": None})
    typed = CorrectPatientCard(ACCOUNT, 1, Relation.CHILD, child_added().person, confirmed=CONFIRMED)
    with pytest.raises(NumberTaken):
        decide(card_of(child_added(person=without)), typed, NOW)


def test_what_stood_on_a_relatives_card_before_gosuslugi_brought_it_hinders_no_correction() -> None:
    person = child_added().person.model_copy(update={"phone": "+79000000000"})
    correction = CorrectPatientCard(ACCOUNT, 1, Relation.CHILD, person, confirmed=CONFIRMED)
    assert len(decide(card_of(child_added()), correction, NOW)) == 1


def test_what_gosuslugi_says_may_be_stated_on_ones_own_card() -> None:
    stated = StatedPerson(snils=SNILS)
    assert decide(own_of(), CorrectPatientCard(ACCOUNT, 0, Relation.SELF, stated, confirmed=CONFIRMED), NOW)
