"""A generation is dropped by its service, on an order: that stands until it is done, and goes where it is wanted."""

import asyncio
from typing import Any

import pytest

from ops.pointers import pointer
from ops.problem import Problem
from tests.eventlog.conftest import until
from tests.ops.conftest import YES, Publisher, World
from tests.ops.projected import Service


@pytest.fixture
async def service(world: World, publisher: Publisher) -> Service:
    """With nine events on its topic."""
    service = Service(world, publisher)
    await service.happens()
    return service


async def test_an_order_that_no_process_carries_out_stands_until_one_does(service: Service) -> None:
    await service.has_generation_2()
    exit, told = await service.ops("retire", "2", *YES, "--patience-seconds", "0.5")
    sentence = told["error"]["sentence"]
    assert (exit, "does it run" in sentence, "The order stands" in sentence) == (5, True, True)
    assert await service.holds(1, 2)
    recorded = (await service.world.ops("record", "list", "--json")).json["records"][0]
    assert (recorded["command"], recorded["outcome"]["exit"]) == ("projection retire", "unfinished")
    async with service.running():
        await until(lambda: service.holds(0, 2))
        assert (await service.ops("retire", "2", *YES))[0] == 0
    assert await service.pointer() == (1, [1])


async def test_a_generation_that_becomes_read_between_order_and_drop_stays_and_is_said_to(service: Service) -> None:
    await service.has_generation_2()
    retiring = asyncio.create_task(service.ops("retire", "2", *YES))
    await until(service.has_an_order)
    await service.point({"active": 2, "kept": [1, 2]})
    async with service.running():
        exit, told = await retiring
        assert (exit, "so it stays" in told["error"]["sentence"]) == (4, True)
        await until(lambda: service.holds(1 + 9, 2))
    assert await service.pointer() == (2, [1, 2])


@pytest.mark.parametrize("meanwhile", [{"active": 2}, {"active": 1, "kept": [1, 2]}], ids=["read", "kept"])
async def test_a_generation_that_became_wanted_is_not_even_ordered_to_go(
    service: Service, meanwhile: dict[str, Any]
) -> None:
    await service.has_generation_2()
    before = await pointer(service.world.installation, service.name)
    await service.point(meanwhile)
    with pytest.raises(Problem, match="so it stays"):
        await before.order_dropping(2)
    assert not await service.has_an_order()


async def test_what_was_written_again_after_the_drop_is_not_passed_over_in_silence(service: Service) -> None:
    await service.has_generation_2()
    retiring = asyncio.create_task(service.ops("retire", "2", *YES))
    await until(service.has_an_order)
    await service.point({"dropping": []})
    exit, told = await retiring
    assert (exit, f"`ops projection retire {service.name} 2 " in told["error"]["sentence"]) == (5, True)
