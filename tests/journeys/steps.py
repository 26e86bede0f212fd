"""The steps of the manuals, as one person takes them: each is a few clicks and says where it ends."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.stack import Stack
from tests.journeys.visitor import Visitor

REGION = "Ставропольский край"


@dataclass(frozen=True, slots=True)
class Citizen:
    """A demonstration person, as the stand-in knows them."""

    login: str
    password: str
    esia: dict[str, Any]

    @property
    def full_name(self) -> str:
        """ФАМИЛИЯ ИМЯ ОТЧЕСТВО, as the card is headed."""
        person = self.esia["person"]
        names = (person["lastName"], person["firstName"], person.get("middleName"))
        return " ".join(name for name in names if name).upper()


def citizens(people: Path) -> list[Citizen]:
    """Everybody in a people file."""
    return [Citizen(entry["login"], entry["password"], entry) for entry in json.loads(people.read_text())]


def citizen(stack: Stack, note: str) -> Citizen:
    """The person whose note begins like this."""
    return next(found for found in citizens(stack.people) if str(found.esia["note"]).startswith(note))


async def code_sent_to(visitor: Visitor, stack: Stack, person: Citizen) -> str:
    """The newest code on the person's phone."""
    messages = (await visitor.http.get(f"{stack.esia_url}/phone.json")).json()
    mine = [message for message in messages if message["login"] == person.login]
    return str(max(mine, key=lambda message: message["sent_at"])["code"])


async def choose_region(visitor: Visitor, region: str = REGION) -> None:
    """From the start page to the region's main page."""
    await visitor.open("/regions")
    await visitor.follow(region)


async def reach_esia(visitor: Visitor) -> None:
    """From the region's main page through the consent to Gosuslugi."""
    await visitor.follow("Зарегистрироваться")
    await visitor.press("Да, я согласен")
    await visitor.follow("Нажмите здесь, для регистрации с помощью учетной записи портала госуслуг")


async def pass_esia(visitor: Visitor, stack: Stack, person: Citizen) -> None:
    """From Gosuslugi's login page back to the portal."""
    await type_esia_password(visitor, person)
    visitor.fill("Код подтверждения", await code_sent_to(visitor, stack, person))
    await visitor.press("Подтвердить")


async def type_esia_password(visitor: Visitor, person: Citizen) -> None:
    """From Gosuslugi's login page to its confirmation page."""
    visitor.fill("Телефон / Email / СНИЛС", person.login)
    visitor.fill("Пароль", person.password)
    await visitor.press("Войти")


async def register(visitor: Visitor, stack: Stack, person: Citizen) -> None:
    """From the region's choice to «Мои карты»."""
    await choose_region(visitor)
    await reach_esia(visitor)
    await pass_esia(visitor, stack, person)
    await until_card_is_there(visitor)


async def sign_in_by_esia(visitor: Visitor, stack: Stack, person: Citizen) -> None:
    """From anywhere to «Мои карты», through Gosuslugi."""
    await visitor.open("/sign-in")
    await visitor.press("Войти через Госуслуги")
    await pass_esia(visitor, stack, person)


async def sign_in_by_password(visitor: Visitor, login: str, password: str) -> None:
    """From anywhere to «Мои карты», by login and password."""
    await visitor.open("/sign-in")
    visitor.fill("Логин", login)
    visitor.fill("Пароль", password)
    await visitor.press("Войти")


async def set_password(visitor: Visitor, password: str) -> None:
    """In the settings, twice the new password."""
    await visitor.open("/settings")
    visitor.fill("Пароль", password)
    visitor.fill("Повторите пароль", password)
    await visitor.press("Сохранить")


async def until_card_is_there(visitor: Visitor, seconds: float = 20) -> None:
    """Reload «Мои карты» until the card has been made, as its page says to do."""
    await until_shown(visitor, "Страховой полис", "/cards", seconds)


async def until_shown(visitor: Visitor, text: str, address: str, seconds: float = 20) -> None:
    """Open the page until it says this: at once it shows what has arrived, which may be what was before."""
    async with asyncio.timeout(seconds):
        while text not in visitor.page.text:
            await asyncio.sleep(0.2)
            await visitor.open(address)
