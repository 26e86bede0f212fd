"""The family: what the cards of one account say together, where they seem to be of one person. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pydantic import BaseModel

from eventlog.store import Document
from medonline_contracts.cards import Relation, StatedPerson, holder_card_id
from services.cards.likeness import (
    Name,
    are_two,
    name_of,
    numbers_of,
    shared_numbers,
    tell_apart,
)
from services.cards.patient_card import PatientCardView, confirmed_in, effective_of, stated_in
from services.cards.statement import NOTHING_STATED
from services.cards.views import is_removed


class AlikeCards(BaseModel):
    """Two cards that seem to be of one person.

    With `numbers` (their fields) a relative's card, `card_id`, has what Gosuslugi says of the holder: it can be joined
    with the holder's own, `other_card_id`. Without, names and birth date are the same and no number tells them apart.
    """

    card_id: str
    other_card_id: str
    numbers: list[str]


def alike_cards(cards: Sequence[PatientCardView]) -> list[AlikeCards]:
    """Which of the cards seem to be of one person; each is named with the first that it is like."""
    own = next((card for card in cards if card.relation is Relation.SELF and card.confirmed), None)
    by_number = list(_with_the_holders_number(own, cards)) if own else []
    numbered = {alike.card_id for alike in by_number}
    return by_number + [alike for alike in _of_one_name(cards) if alike.card_id not in numbered]


def _with_the_holders_number(own: PatientCardView, cards: Sequence[PatientCardView]) -> Iterator[AlikeCards]:
    confirmed = _confirmed_numbers(own)
    for card in cards:
        if card is not own and (numbers := shared_numbers(card.effective, confirmed)):
            yield AlikeCards(card_id=card.card_id, other_card_id=own.card_id, numbers=numbers)


def _of_one_name(cards: Sequence[PatientCardView]) -> Iterator[AlikeCards]:
    before: dict[Name, list[tuple[str, Mapping[str, str]]]] = defaultdict(list)  # ids and numbers, by name
    for card in cards:
        if (name := name_of(card.effective)) is None:
            continue
        numbers = numbers_of(card.effective)
        like = next((other_id for other_id, others in before[name] if not tell_apart(numbers, others)), None)
        if like:
            yield AlikeCards(card_id=card.card_id, other_card_id=like, numbers=[])
        before[name].append((card.card_id, numbers))


def _confirmed_numbers(own: PatientCardView) -> StatedPerson:
    policy = own.confirmed.oms_policy if own.confirmed else None
    return StatedPerson(snils=own.confirmed.snils if own.confirmed else None, enp=policy.enp if policy else None)


def alike_to(person: StatedPerson, card_id: str, documents: Iterable[Document]) -> list[str]:
    """The ids of the other cards with these names and this birth date that no number tells apart; removed ones not."""
    if (name := name_of(person)) is None:
        return []
    others = {d["_id"]: _known(d) for d in documents if d["_id"] != card_id and not is_removed(d)}
    return [other_id for other_id, other in others.items() if name_of(other) == name and not are_two(other, person)]


def _known(document: Document) -> StatedPerson:
    return effective_of(confirmed_in(document) or NOTHING_STATED, stated_in(document) or NOTHING_STATED)


def confirmed_of_holder(account_id: str, documents: Iterable[Document]) -> StatedPerson:
    """What Gosuslugi says of the holder; nothing where it is not known yet or the holder removed their own card."""
    own = next((d for d in documents if d["_id"] == holder_card_id(account_id) and not is_removed(d)), None)
    return (confirmed_in(own) if own else None) or NOTHING_STATED
