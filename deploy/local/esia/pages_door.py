"""Gosuslugi stand-in: the pages that need no sign-in: the phone, the explanations behind the links, the front page."""

from datetime import timedelta, timezone
from typing import Any

from fastapi import APIRouter, Response

from deploy.local.esia.screens import Notice, page
from deploy.local.esia.stand_in import The

router = APIRouter()

MOSCOW = timezone(timedelta(hours=3))
TOPICS = frozenset({"not-signing-in", "no-sms", "recovery", "support", "service-centre", "bank"})


@router.get("/")
async def front_page() -> Response:
    return page("front.html")


@router.get("/help/{topic}")
async def explanation(topic: str, stand_in: The, sign_in: str = "") -> Response:
    """An explanation; `sign_in` leads back to the step it was opened from, while the sign-in is known."""
    if topic not in TOPICS:
        raise Notice(404, "Такой страницы нет", "Проверьте адрес или вернитесь на предыдущую страницу.")
    known = stand_in.sign_ins.get(sign_in, stand_in.now())
    return page(f"help/{topic}.html", sign_in_id=known.id if known else "", back_to=known.address if known else "")


@router.get("/phone")
async def phone(stand_in: The) -> Response:
    """Every demonstration phone on one page, newest message first."""
    messages = stand_in.phone.messages(stand_in.now())
    times = {message: f"{message.sent_at.astimezone(MOSCOW):%H:%M:%S}" for message in messages}
    return page("phone.html", messages=messages, times=times, people=stand_in.people.accounts())


@router.get("/phone.json")
async def phone_for_programs(stand_in: The) -> list[dict[str, Any]]:
    """The same for tests: `[{login, phone, code, sent_at, sign_in}]`, newest first."""
    return [
        {
            "login": message.login,
            "phone": message.phone,
            "code": message.code,
            "sent_at": message.sent_at.isoformat(),
            "sign_in": message.sign_in,
        }
        for message in stand_in.phone.messages(stand_in.now())
    ]


@router.get("/health/live")
@router.get("/health/ready")
async def health() -> dict[str, str]:
    """Up means ready: the stand-in does not start without its people, clients and key."""
    return {"status": "ok"}
