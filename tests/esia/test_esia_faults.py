"""The faults that tests can plan, and what the stand-in never holds too much of."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from deploy.local.esia.app import create_app
from deploy.local.esia.expiring import Expiring
from tests.esia.world import ESIA, START, World

SOKOLOVA = ("+7(900)1000001", "sokolova1")
PLACES = {
    "person": "/rs/prns/1000400001",
    "documents": "/rs/prns/1000400001/docs",
    "contacts": "/rs/prns/1000400001/ctts",
}


async def plan(world: World, **fault: object) -> None:
    assert (await world.http().post("/stand-in/faults", json=fault)).status_code == 204


@pytest.mark.parametrize("at", PLACES)
async def test_a_place_that_is_down_answers_503_as_often_as_planned(world: World, at: str) -> None:
    headers = {"Authorization": f"Bearer {(await world.tokens(*SOKOLOVA))['access_token']}"}
    await plan(world, at=at, kind="down", times=2)
    statuses = [(await world.http().get(PLACES[at], headers=headers)).status_code for _ in range(3)]
    assert statuses == [503, 503, 200]


async def test_the_token_endpoint_that_is_down_says_007008_and_burns_no_code(world: World) -> None:
    code = await world.code_for(*SOKOLOVA)
    await plan(world, at="token", kind="down")
    down = await world.exchange(world.portal.token(code))
    assert down.status_code == 503
    assert down.json()["error_description"].startswith("ESIA-007008: ")
    assert (await world.exchange(world.portal.token(code))).status_code == 200


async def test_garbage_is_a_page_of_html_with_status_200(world: World) -> None:
    await plan(world, at="token", kind="garbage")
    response = await world.exchange({})
    assert response.status_code == 200
    assert response.text.startswith("<html>")


async def test_a_slow_answer_comes_late_but_right(world: World) -> None:
    await plan(world, at="token", kind="slow", seconds=0.05)
    before = asyncio.get_running_loop().time()
    assert (await world.exchange({})).status_code == 400
    assert asyncio.get_running_loop().time() - before >= 0.05


async def test_a_fault_is_named_until_it_has_struck_for_the_last_time(world: World) -> None:
    await plan(world, at="token", kind="down", times=2)
    named = []
    for _ in range(2):
        named.append([(one["at"], one["times"]) for one in (await world.http().get("/stand-in/faults")).json()])
        await world.exchange({})
    assert named == [[("token", 2)], [("token", 1)]]
    assert (await world.http().get("/stand-in/faults")).json() == []


async def test_clearing_ends_all_faults(world: World) -> None:
    await plan(world, at="token", kind="down", times=100)
    assert (await world.http().delete("/stand-in/faults")).status_code == 204
    assert (await world.exchange({})).status_code == 400


async def test_the_faults_door_is_shut_unless_asked_for(world: World) -> None:
    transport = httpx.ASGITransport(create_app(world.stand_in))
    async with httpx.AsyncClient(transport=transport, base_url=ESIA) as http:
        assert (await http.post("/stand-in/faults", json={"at": "token", "kind": "down"})).status_code == 404


def test_a_shelf_forgets_the_oldest_when_full_and_the_expired_always() -> None:
    shelf: Expiring[int] = Expiring(timedelta(minutes=1), limit=2)
    for number in range(3):
        shelf.put(str(number), number, START)
    assert [shelf.get(str(number), START) for number in range(3)] == [None, 1, 2]
    later = START + timedelta(minutes=1)
    assert shelf.get("2", later) is None
    shelf.put("new", 3, later)
    assert len(shelf) == 1
    assert shelf.take("new", later) == 3
    assert shelf.take("new", later) is None
