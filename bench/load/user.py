"""A virtual user: one person who registers, keeps the family's cards, and comes again by password."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from random import Random
from urllib.parse import parse_qs, urlsplit

from bench.load.notes import Acknowledged, Notes
from bench.load.walker import Walker
from deploy.local.stack import Stack
from tests.journeys.crowd import enp
from tests.journeys.steps import (
    Citizen,
    choose_region,
    pass_esia,
    reach_esia,
    set_password,
    sign_in_by_esia,
    sign_in_by_password,
)

LEAST_THINKING_SECONDS = 1.0
MOST_RELATIVES = 4
USERS_OF_ONE_NETWORK = 250
PLACES = ("/services/home-visit", "/services/screening", "/help/cards", "/consents", "/settings", "/regions")
LETTERS = "абвгдежзик"

Act = Callable[[Walker], Awaitable[None]]


class User:
    """The person of this number; `thinking` is for how many seconds they think on average before a click."""

    def __init__(self, number: int, person: Citizen, stack: Stack, notes: Notes, thinking: float) -> None:
        self._number = number
        self._person = person
        self._stack = stack
        self._notes = notes
        self._random = Random(number)
        self._thinking = max(thinking - LEAST_THINKING_SECONDS, 0.01)
        self._relatives: list[str] = []
        self._changes = 0
        self._password = ""

    async def live(self, enough: asyncio.Event) -> None:
        """Walk until it is enough; what was begun is finished."""
        network, host = divmod(self._number, USERS_OF_ONE_NETWORK)
        address = f"127.0.{1 + network}.{1 + host}"  # of their own: what one address may do is limited
        async with Walker(self._stack.portal_url, address, self._notes, self._think) as walker:
            try:
                for act in self._acts():
                    if enough.is_set():
                        return
                    await act(walker)
            except Exception as error:  # whatever it was, it is told in the end, and the others walk on
                self._notes.failed(f"user {self._number}", error)

    def _acts(self) -> Iterator[Act]:
        """The manuals' walk from the begin to the end, and then whatever people come back for."""
        yield from (self._register, self._read, self._add_relative, self._correct_relative)
        yield from (self._set_password, self._come_again)
        while True:
            yield self._random.choices(
                (self._read, self._correct_relative, self._add_relative, self._come_again, self._recover),
                weights=(6, 2, 1 if len(self._relatives) < MOST_RELATIVES else 0, 2, 1),
            )[0]

    def _think(self) -> float:
        return LEAST_THINKING_SECONDS + self._random.expovariate(1 / self._thinking)

    async def _register(self, walker: Walker) -> None:
        await choose_region(walker)
        await reach_esia(walker)
        await pass_esia(walker, self._stack, self._person)
        await walker.until_shown(self._person.full_name, "Страховой полис")
        self._notes.acknowledged.append(Acknowledged("registered", self._esia_oid))

    async def _read(self, walker: Walker) -> None:
        await walker.open("/cards")
        await walker.follow(f"История изменений карты: {self._person.full_name}")
        await walker.open(self._random.choice(PLACES))

    async def _add_relative(self, walker: Walker) -> None:
        place = len(self._relatives)
        family_name, given_name = f"Лугова-{_letters(self._number)}", f"Яна-{_letters(place)}"
        await walker.open("/cards")
        await walker.follow("Щелкните здесь, чтобы добавить еще одну карту")
        walker.fill("Сын или дочь", "child")
        walker.fill("женский", "female")
        for label, text in {"Фамилия": family_name, "Имя": given_name, "Дата рождения": "07.06.2019"}.items():
            walker.fill(label, text)
        walker.fill("Страховой полис", enp(77 * 10**13 + self._number * 100 + place))
        await self._save_card(walker, "Добавить карту", "Карта добавлена")
        self._relatives.append(f"{family_name} {given_name}".upper())

    async def _correct_relative(self, walker: Walker) -> None:
        await walker.open("/cards")
        await walker.follow(f"Редактировать карту: {self._random.choice(self._relatives)}")
        await self._save_card(walker, "Сохранить", "Изменения в карте сохранены")

    async def _save_card(self, walker: Walker, button: str, word: str) -> None:
        self._changes += 1
        insurer = f"ООО «Полис-{_letters(self._number)}-{self._changes}»"
        walker.fill("Страховая компания", insurer)
        page = await walker.press(button)
        await walker.until_shown(word, insurer)
        told = parse_qs(urlsplit(page.url).query)
        stream, version = told["card_id"][0], int(told["card_version"][0])
        self._notes.acknowledged.append(Acknowledged("card", self._esia_oid, stream, version, insurer))

    async def _set_password(self, walker: Walker) -> None:
        self._changes += 1
        self._password = f"Ozerov{self._number}x{self._changes}"
        await set_password(walker, self._password)
        told = parse_qs(urlsplit(walker.page.url).query)
        await walker.until_shown("Изменения сохранены")
        version = int(told["credential_version"][0])
        self._notes.acknowledged.append(Acknowledged("password", self._esia_oid, version=version))

    async def _come_again(self, walker: Walker) -> None:
        await walker.press("выход")
        await sign_in_by_password(walker, self._person.login, self._password)
        await walker.until_shown(self._person.full_name)

    async def _recover(self, walker: Walker) -> None:
        await walker.press("выход")
        await sign_in_by_esia(walker, self._stack, self._person)
        await walker.until_shown(self._person.full_name)
        await self._set_password(walker)

    @property
    def _esia_oid(self) -> int:
        oid: int = self._person.esia["oid"]
        return oid


def _letters(number: int) -> str:
    """A number as people's names are written: in letters."""
    return "".join(LETTERS[int(digit)] for digit in str(number)).capitalize()
