"""Gosuslugi stand-in: «Войти другим способом». One chooses which demonstration person scans or signs: no code."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from deploy.local.esia.screens import Notice
from deploy.local.esia.session import Amr
from deploy.local.esia.sign_in import Problem
from deploy.local.esia.sign_in_door import Current, Posted, shown_once, signed_in, step
from deploy.local.esia.stand_in import The

router = APIRouter(prefix="/login/{sign_in_id}")


@dataclass(frozen=True)
class OtherWay:
    """A way to sign in without a password, and what its page says."""

    name: str
    amr: Amr
    title: str
    explanation: str
    legend: str
    button: str
    nothing_chosen: str


WAYS = {
    "qr": OtherWay(
        "qr",
        Amr.QR,
        "Вход по QR-коду",
        "На настоящих Госуслугах код сканируют в приложении на телефоне. Здесь выберите, чей это телефон.",
        "Кто сканирует код",
        "Отсканировать",
        "Выберите, кто сканирует код",
    ),
    "signature": OtherWay(
        "signature",
        Amr.SIGNATURE,
        "Вход с электронной подписью",
        "На настоящих Госуслугах подключают носитель с подписью. Здесь выберите, чей на нём сертификат.",
        "Сертификат владельца",
        "Подписать и войти",
        "Выберите сертификат",
    ),
}


async def other_way(way: str) -> OtherWay:
    if way not in WAYS:
        raise Notice(404, "Такой страницы нет", "Проверьте адрес или вернитесь на предыдущую страницу.")
    return WAYS[way]


Way = Annotated[OtherWay, Depends(other_way)]


@router.get("/{way}")
async def choose_page(way: Way, sign_in: Current, stand_in: The) -> Response:
    return shown_once(stand_in, sign_in, "choose.html", way=way, people=stand_in.people.accounts())


@router.post("/{way}")
async def choose(way: Way, fields: Posted, sign_in: Current, stand_in: The, request: Request) -> Response:
    chosen = fields.get("oid", "")
    account = next((a for a in stand_in.people.accounts() if str(a.oid) == chosen), None)
    if account is None:
        stand_in.keep(replace(sign_in, problems=(Problem("oid", way.nothing_chosen),)))
        return step(sign_in, f"/{way.name}")
    return signed_in(stand_in, sign_in, account, way.amr, request)
