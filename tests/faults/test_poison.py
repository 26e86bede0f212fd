"""Poison of every kind first, in the middle and last, in all partitions at once: it alone is parked."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from pymongo import AsyncMongoClient

from eventlog.delivery import Delivery
from eventlog.listener import Listener
from eventlog.parking import Parking
from eventlog.process import background
from eventlog.projector import Projector
from eventlog.store import Document
from eventlog.supervisor import Looks, supervise
from medonline_contracts.envelope import TYPE_PREFIX
from medonline_contracts.identity import PasswordChanged
from tests.eventlog.conftest import until
from tests.eventlog.records import Record
from tests.faults.arrivals import arriving, send, stream_of
from tests.faults.conftest import NewGround
from tests.faults.ground import ROWS, UNFOLDABLE, project
from tests.faults.oracle import canonical, fold_of, view_of

Poison = Callable[[Record], Record]
NEIGHBOURS = 20  # in each partition
NEWER = "newer version"


def with_type(name: str) -> Poison:
    def poisoned(record: Record) -> Record:
        headers = [(header, name.encode() if header == "ce_type" else value) for header, value in record.headers]
        return replace(record, headers=headers)

    return poisoned


def with_header(value: bytes | None) -> Poison:
    """One of ours, spoilt; foreign ones are nobody's business."""
    return lambda record: replace(record, headers=[*record.headers, ("ce_causationid", value)])


def unfoldable(record: Record) -> Record:
    (envelope,) = stream_of((record.key or b"").decode(), [UNFOLDABLE])
    return arriving([envelope])[0]


KINDS: dict[str, Poison] = {
    "malformed JSON": lambda record: replace(record, value=b'{"account_id":'),
    "unknown type": with_type(f"{TYPE_PREFIX}.NoSuchThing.v1"),
    NEWER: with_type(PasswordChanged.type_of(2)),
    "null value": lambda record: replace(record, value=None),
    "null header": with_header(None),
    "header that is no text": with_header(b"\xff"),
    "fold that raises": unfoldable,
}
PLACES = {"first": 0, "middle": NEIGHBOURS // 2, "last": NEIGHBOURS}


@pytest.mark.parametrize("shift", range(len(PLACES)))
async def test_only_the_poison_and_what_follows_it_in_its_stream_is_parked(
    new_ground: NewGround, client: AsyncMongoClient[Document], shift: int
) -> None:
    ground = await new_ground(partitions=len(KINDS))
    database = client[ground.name]
    healthy = {f"{partition}.left": stream_of(f"{partition}.left", range(20, 40)) for partition in range(len(KINDS))}
    for partition, poison in enumerate(KINDS.values()):
        records = arriving(healthy[f"{partition}.left"])
        ill, behind = arriving(stream_of(f"{partition}.ill", [50, 51]))
        place = list(PLACES.values())[(partition + shift) % len(PLACES)]
        arrived = [*records[:place], poison(ill), *records[place:], behind]
        await send(ground, [replace(record, partition=partition) for record in arrived])

    async def all_came() -> bool:
        rows = await database[ROWS].count_documents({})
        return rows + await database["parked"].count_documents({}) >= len(KINDS) * (NEIGHBOURS + 2)

    delivery = Delivery(Parking(database, ground.view_group), Projector(database, project).apply)
    async with background(supervise(Listener(ground.kafka, ground.view_group, [ground.topic], delivery), Looks())):
        await until(all_came)
    assert await view_of(ground, client) == canonical(fold_of(healthy))
    parked = await database["parked"].find().sort([("partition", 1), ("offset", 1)]).to_list()
    assert [(p["partition"], bytes(p["key"]), p["waits"]) for p in parked] == [
        (partition, f"{partition}.ill".encode(), first and kind == NEWER)
        for partition, kind in enumerate(KINDS)
        for first in (True, False)
    ]
