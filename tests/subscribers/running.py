"""A subscriber as a process that is started and killed, what is in its file, and what the topics say should be."""

import asyncio
import sqlite3
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from eventlog.access import KafkaAccess
from medonline_contracts import Envelope, NewerVersion, Tombstone, Unreadable, parse
from medonline_contracts.cards import PatientCardState
from medonline_contracts.identity import EsiaAuthenticated
from medonline_contracts.topics import CARDS_STATE, IDENTITY_EVENTS, Topic
from tests.topics import records_in

SECONDS_TO_CATCH_UP = 120

Patient = tuple[str | None, str | None]
"""The family name and СНИЛС on a card."""


@asynccontextmanager
async def running(
    command: Sequence[str], complaints: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[None]:
    """The subscriber from when it reads; at the end it is killed (SIGKILL). What it complains of is appended there.

    Of our environment it is told nothing but what is given.
    """
    with complaints.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=subprocess.PIPE, stderr=errors, env=environment or {}
        )
        try:
            assert process.stdout
            async with asyncio.timeout(60):
                said = await process.stdout.readline()
            assert said.startswith(b"reading"), complaints.read_text()
            yield
            assert process.returncode is None, complaints.read_text()
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


@dataclass(frozen=True, slots=True)
class Known:
    """What a hospital knows: the family name and СНИЛС on each card, and how many registered where."""

    patients: dict[str, Patient]
    registrations: dict[str, int]


def known_in(file: Path) -> Known:
    """What is in a subscriber's file."""
    with closing(sqlite3.connect(file)) as opened:
        patients = opened.execute("SELECT card_id, family_name, snils FROM patient").fetchall()
        counts = opened.execute("SELECT region, count FROM registrations").fetchall()
    return Known({card_id: (name, snils) for card_id, name, snils in patients}, dict(counts))


async def known_from(bootstrap_servers: str) -> Known:
    """What the topics say, told in another way than the subscribers do it: all read first, and then looked at."""
    patients: dict[str, Patient] = {}
    for told in await _parsed(bootstrap_servers, CARDS_STATE):
        match told:
            case Tombstone(key=card_id):
                patients.pop(card_id, None)
            case Envelope(event=PatientCardState(person=person), stream_id=card_id):
                said = [part.model_dump() for part in (person.confirmed, person.stated) if part]
                name, snils = [[part[field] for part in said if part[field]] for field in ("family_name", "snils")]
                patients[card_id] = (name[0] if name else None, snils[0] if snils else None)
    regions = {
        envelope.stream_id: envelope.event.region or "unknown"
        for envelope in await _parsed(bootstrap_servers, IDENTITY_EVENTS)
        if isinstance(envelope, Envelope) and isinstance(envelope.event, EsiaAuthenticated) and envelope.version == 2
    }
    return Known(patients, Counter(regions.values()))


async def _parsed(bootstrap_servers: str, topic: Topic) -> list[Any]:
    parsed: list[Any] = []
    for record in await records_in(KafkaAccess(bootstrap_servers), [topic]):
        with suppress(Unreadable, NewerVersion):
            parsed.append(parse(record.key, record.headers, record.value))
    return parsed


async def until_told(cards: set[str], bootstrap_servers: str) -> None:
    """Wait until `cards.state` tells of all these cards."""
    async with asyncio.timeout(SECONDS_TO_CATCH_UP):
        while not cards <= (await known_from(bootstrap_servers)).patients.keys():
            await asyncio.sleep(0.2)


async def until_known(
    file: Path, bootstrap_servers: str, patients: Mapping[str, Patient | None] = MappingProxyType({})
) -> Known:
    """Wait until the topics say this of these cards, and the file all that they say; fails the test where not."""
    known = expected = told = None
    with suppress(TimeoutError):
        async with asyncio.timeout(SECONDS_TO_CATCH_UP):
            while known is None or known != expected or told != patients:
                await asyncio.sleep(0.2)
                known, expected = known_in(file), await known_from(bootstrap_servers)
                told = {card: expected.patients.get(card) for card in patients}
    assert known is not None
    assert known == expected
    assert told == patients
    return known
