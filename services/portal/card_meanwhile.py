"""What a card states by now beside what was typed into its form, for whom another tab was first. Pure."""

from collections.abc import Mapping

from services.portal.card_form import LABELS, said_in
from services.portal.card_view import DOCUMENTS, GROUNDS, RELATIONS
from services.portal.text import show_gender

NOTHING = "Сейчас в карте вами ничего не указано."
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "relation": {relation.value: text for relation, text in RELATIONS.items()},
    "gender": {gender: show_gender(gender) for gender in ("female", "male")},
    "ground": {ground.value: text for ground, text in GROUNDS.items()},
    "identity_document.type": DOCUMENTS,
}


def saved_meanwhile(typed: Mapping[str, str], card: Mapping[str, str]) -> dict[str, str]:
    """A sentence for each field in which the card, given as its form's values, is not what was typed."""
    said, now = said_in(typed), said_in(card)
    return {name: _sentence(name, now.get(name)) for name in LABELS if said.get(name) != now.get(name)}


def _sentence(name: str, value: str | None) -> str:
    if value is None:
        return NOTHING
    return f"Сейчас в карте: {_CHOICES.get(name, {}).get(value, value)}."
