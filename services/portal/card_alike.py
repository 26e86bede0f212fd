"""Cards that seem to be of one person, as «Мои карты» tells of them: on each, with a link to the other. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.portal.card_form import LABELS
from services.portal.clients.cards import PatientCard, PatientCards

SAME_NAME = "Такие же фамилия, имя, отчество и дата рождения указаны в другой карте:"
WHAT_TO_DO = (
    "Если это один человек, удалите лишнюю карту. Если это разные люди, укажите в обеих картах СНИЛС (или в обеих — "
    "номер полиса): по разным номерам портал их различит."
)
YOURS_TOO = "Похоже, это ваша карта: на Госуслугах у вас такой же номер"
YOUR_CARD = "Ваша карта:"
IN_ANOTHER = "Ваш номер указан и в другой карте"
IF_ANOTHERS = "Если это карта другого человека, исправьте в ней номер."


@dataclass(frozen=True, slots=True)
class Likeness:
    """What stands on a card about another: text, link, the offer to join `join`, a relative's card, and advice."""

    text: str
    other: PatientCard
    then: str = ""
    join: PatientCard | None = None


def likenesses_of(found: PatientCards) -> Mapping[str, Sequence[Likeness]]:
    """What is to be said on the cards, by their ids."""
    by_id = {card.card_id: card for card in found.cards}
    told: dict[str, list[Likeness]] = defaultdict(list)
    for alike in found.alike:
        card, other = by_id[alike.card_id], by_id[alike.other_card_id]
        if alike.numbers:
            numbers = ", ".join(LABELS[field] for field in alike.numbers)
            told[card.card_id].append(Likeness(f"{YOURS_TOO} ({numbers}). {YOUR_CARD}", other, IF_ANOTHERS, card))
            told[other.card_id].append(Likeness(f"{IN_ANOTHER} ({numbers}):", card, IF_ANOTHERS, card))
        else:
            told[card.card_id].append(Likeness(SAME_NAME, other, WHAT_TO_DO))
            told[other.card_id].append(Likeness(SAME_NAME, card, WHAT_TO_DO))
    return told
