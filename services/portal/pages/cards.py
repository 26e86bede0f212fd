"""«Мои карты»: the list, a card of its own page, and its history."""

from typing import Any

from fastapi import APIRouter, Response

from services.portal.card_alike import likenesses_of
from services.portal.card_form import LABELS
from services.portal.card_view import RELATIONS, rows_of
from services.portal.regions import MedicalService
from services.portal.visit import Personal

router = APIRouter(include_in_schema=False)

ON_THE_CARD = (MedicalService.APPOINTMENT, MedicalService.CONSULTATION)
SHOW: dict[str, Any] = {"rows_of": rows_of, "relations": RELATIONS, "services": ON_THE_CARD}
WHAT_HAPPENED = {
    ("esia", "confirmed"): "Госуслуги передали данные",
    ("holder", "added"): "Вы добавили карту",
    ("holder", "corrected"): "Вы изменили карту",
    ("holder", "removed"): "Вы удалили карту",
    ("holder", "joined"): "Вы объединили карту со своей",
    ("holder", "restored"): "Вы восстановили карту",
}
FIELDS = {**LABELS, "identity_document": "Документ, удостоверяющий личность"}


@router.get("/cards")
async def my_cards(
    visit: Personal, account_version: int | None = None, card_id: str | None = None, card_version: int | None = None
) -> Response:
    """All cards; who has just changed something names what is to be seen, and it is waited for."""
    found = await visit.cards.all(account_version=account_version, card_id=card_id, card_version=card_version)
    return visit.page("cards.html", found=found, chosen=card_id, likenesses=likenesses_of(found), **SHOW)


@router.get("/cards/{card_id}")
async def one_card(visit: Personal, card_id: str) -> Response:
    """One card."""
    return visit.page("card.html", card=await visit.cards.one(card_id), **SHOW)


@router.get("/cards/{card_id}/history")
async def history(visit: Personal, card_id: str) -> Response:
    """Who changed what, and when; of a removed card too, as long as it is not erased."""
    rows = await visit.cards.history(card_id)
    found = await visit.cards.all()
    card = next((card for card in found.cards if card.card_id == card_id), None)
    removed = next((card for card in found.removed if card.card_id == card_id), None)
    words = {"what_happened": WHAT_HAPPENED, "fields": FIELDS}
    return visit.page("card_history.html", 200, card=card, removed=removed, rows=rows, **words)
