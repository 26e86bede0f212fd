"""The stand-in for Gosuslugi over real HTTP, with people that a test invents as it goes."""

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from deploy.local.esia.app import create_app
from deploy.local.esia.clients import read_clients
from deploy.local.esia.main import read_signer
from deploy.local.esia.people import PeopleFile
from deploy.local.esia.stand_in import StandIn
from tests.esia.world import Visitor, told
from tests.serving import served

CLIENT_ID = "MEDONLINE"
PORTAL = "http://localhost:8080"
_PASSPORT = {"id": 11, "type": "RF_PASSPORT", "vrfStu": "VERIFIED", "series": "0704", "number": "123456"}
_numbers = itertools.count(300_000_000)


def new_snils() -> str:
    """A СНИЛС with the right check digits that nobody has had before."""
    digits = f"{next(_numbers):09}"
    check = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 0, -1), strict=True)) % 101 % 100
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]} {check:02}"


class Gosuslugi:
    """The stand-in and its people."""

    def __init__(self, url: str, people: Path, stand_in: StandIn) -> None:
        self.url = url
        self._file = people
        self._stand_in = stand_in
        self._people: dict[int, dict[str, Any]] = {}

    def invent(self, *, typ: str = "P", **person: object) -> int:
        """A new person, confirmed and with a passport unless said otherwise; their oid."""
        oid = next(_numbers)
        phone = {"id": 12, "type": "MBT", "vrfStu": "VERIFIED", "value": f"+7(9{oid % 100:02})1234567"}
        self._people[oid] = {
            "oid": oid,
            "login": str(oid),
            "password": "password1",
            "note": "выдуман",
            "typ": typ,
            "person": {
                "lastName": "Соколова",
                "firstName": "Мария",
                "birthDate": "12.03.1985",
                "gender": "F",
                "snils": new_snils(),
                "citizenship": "RUS",
                "trusted": True,
                "rIdDoc": 11,
            },
            "contacts": [phone],
            "documents": [_PASSPORT],
        }
        self.edit(oid, **person)
        return oid

    def edit(self, oid: int, **person: object) -> None:
        """Change what Gosuslugi says of the person."""
        self._people[oid]["person"].update(person)
        unfinished = self._file.with_suffix(".new")
        unfinished.write_text(json.dumps(list(self._people.values()), ensure_ascii=False), encoding="utf-8")
        unfinished.replace(self._file)

    def said_of(self, oid: int) -> dict[str, Any]:
        """What Gosuslugi says of the person."""
        said: dict[str, Any] = self._people[oid]["person"]
        return said

    async def sign_in(self, authorization_url: str, oid: int) -> dict[str, str]:
        """The person signs in by QR code; what the browser is sent back with."""
        async with httpx.AsyncClient(base_url=self.url) as http:
            visitor = Visitor(http)
            await visitor.open(authorization_url)
            await visitor.open(f"{visitor.at}/qr")
            return told(await visitor.submit(oid=str(oid)))

    async def refuse(self, authorization_url: str) -> dict[str, str]:
        """The person turns back; what the browser is sent back with."""
        async with httpx.AsyncClient(base_url=self.url) as http:
            visitor = Visitor(http)
            await visitor.open(authorization_url)
            return told(await http.get(f"{visitor.at}/cancel"))

    async def fail(self, at: str, kind: str, times: int = 1) -> None:
        """The next `times` answers at that place fail."""
        async with httpx.AsyncClient(base_url=self.url) as http:
            await http.post("/stand-in/faults", json={"at": at, "kind": kind, "times": times})

    async def mend(self) -> None:
        """Nothing fails any more."""
        async with httpx.AsyncClient(base_url=self.url) as http:
            await http.delete("/stand-in/faults")

    def signed_in_before(self, code: str, ago: timedelta) -> None:
        """The person whom this code is for had signed in there so long ago already."""
        grants, now = self._stand_in.grants, datetime.now(UTC)
        grant = grants.take(code, now)
        assert grant
        grants.put(code, replace(grant, session=replace(grant.session, auth_time=now - ago)), now)


@asynccontextmanager
async def gosuslugi(secrets: Path, folder: Path) -> AsyncIterator[Gosuslugi]:
    """The stand-in, with our portal as its client."""
    people = folder / "people.json"
    people.write_text("[]")
    certificate = str(secrets / "identity/esia-client.crt")
    client = {"certificate": certificate, "redirect_uris": [f"{PORTAL}/esia/callback"]}
    stand_in = StandIn(
        people=PeopleFile(people),
        clients=read_clients(json.dumps({CLIENT_ID: client})),
        signer=read_signer(secrets / "esia"),
        now=lambda: datetime.now(UTC),
    )
    async with served(create_app(stand_in, with_faults=True)) as url:
        yield Gosuslugi(url, people, stand_in)
