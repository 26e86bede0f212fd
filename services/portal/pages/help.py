"""Help: how to register, to work with patient cards, to set a password and to sign in, in the portal's own words."""

from fastapi import APIRouter, Response

from chassis.problem import Problem
from services.portal.visit import AnyVisit

router = APIRouter(prefix="/help", include_in_schema=False)

TOPICS = {
    "registration": "Регистрация на портале",
    "cards": "Добавление/Редактирование/Удаление карты пациента",
    "password": "Восстановление пароля от личного кабинета",
    "sign-in": "Вход в личный кабинет",
}


@router.get("")
async def help_index(visit: AnyVisit) -> Response:
    """All topics."""
    return visit.page("help/index.html", topics=TOPICS)


@router.get("/{topic}")
async def help_topic(visit: AnyVisit, topic: str) -> Response:
    """One topic."""
    if topic not in TOPICS:
        raise Problem(404, "help-unknown", "Такой справки нет. Все темы собраны на странице «Помощь».")
    return visit.page(f"help/{topic}.html", title=TOPICS[topic])
