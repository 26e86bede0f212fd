"""`cards.state` when the cards' view is built anew from the log: all is said again, and every last word is the same."""

import asyncio
from uuid import uuid4

from deploy.local.secrets import OPERATORS
from deploy.local.stack import Stack
from medonline_contracts.topics import CARDS_STATE
from tests.api.caller import CARDS, signed_in
from tests.journeys.newcomers import newcomer
from tests.journeys.test_operating import ops
from tests.ops.conftest import YES
from tests.topics import records_in

CHILD = {"relation": "child", "given_name": "Яна", "birth_date": "07.06.2019", "gender": "female"}


async def told(portal: Stack) -> tuple[int, dict[bytes, bytes | None]]:
    """How many records the topic holds, and the last word on each card: None where it is gone."""
    records = await records_in(portal.servers.kafka.access(OPERATORS), [CARDS_STATE])
    return len(records), {record.key: record.value for record in records}


async def family(portal: Stack, name: str) -> tuple[str, str, str]:
    """Somebody new with a child's card and another one that is removed: the three ids."""
    async with signed_in(portal, newcomer(portal), "127.0.2.7") as caller:
        own = await caller.own_card(1)
        forms = [{**CHILD, "family_name": name, "request_id": str(uuid4())} for _ in range(2)]
        stays, goes = [(await caller.ask("POST", CARDS, form))["card_id"] for form in forms]
        await caller.ask("DELETE", f"{CARDS}/{goes}", params={"expected_version": 1})
    return own["card_id"], stays, goes


async def test_built_anew_it_says_the_same_last_word_on_every_card(portal: Stack) -> None:
    own, stays, goes = await family(portal, "Ёлкина")
    async with asyncio.timeout(60):
        while True:
            count, before = await told(portal)
            if before.get(own.encode()) and before.get(stays.encode()) and before.get(goes.encode(), b"") is None:
                break
            await asyncio.sleep(0.5)

    rebuilt = await ops(portal, "projection", "rebuild", "cards.view", *YES, "--json")
    assert rebuilt.exit == 0, rebuilt
    async with asyncio.timeout(60):
        while (again := await told(portal))[0] < count + len(before):
            await asyncio.sleep(0.5)
    assert again[1] == before
    for command, generation in (("activate", rebuilt.json["was"]), ("retire", rebuilt.json["generation"])):
        assert (await ops(portal, "projection", command, "cards.view", str(generation), *YES)).exit == 0
