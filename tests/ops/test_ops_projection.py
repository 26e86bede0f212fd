"""Views are rebuilt while they are read: ordered here, built by the service, compared, switched, and given back."""

import asyncio

import pytest

from eventlog.process import cancelled
from eventlog.projection import Views
from ops.problem import Exit
from tests.eventlog.conftest import until
from tests.ops.conftest import YES, Publisher, World
from tests.ops.projected import Service


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What differs is looked at again sooner than in life."""
    monkeypatch.setattr("ops.comparison.PAUSE_SECONDS", 0.2)


@pytest.fixture
async def service(world: World, publisher: Publisher) -> Service:
    """With nine events on its topic."""
    service = Service(world, publisher)
    await service.happens()
    return service


async def test_a_rebuild_switches_to_an_equal_generation_and_can_be_taken_back(service: Service) -> None:
    async with service.running():
        await until(lambda: service.holds(9))
        exit, built = await service.ops("rebuild", *YES)
        assert (exit, built["generation"], built["equal"], built["switched"], built["events"]) == (0, 2, True, True, 9)
        assert [(c["documents"], len(set(c["checksums"]))) for c in built["collections"]] == [([3, 3], 1), ([9, 9], 1)]
        assert await service.pointer() == (2, [1, 2])

        assert (await service.ops("activate", "1", *YES))[0] == 0
        assert await service.pointer() == (1, [1, 2])
        assert (await service.ops("retire", "2", *YES))[0] == 0
        assert await service.pointer() == (1, [1])
        assert not [name for name in await service.views.database.list_collection_names() if name.endswith(".g2")]
        assert f"{service.name}.g2" not in (await service.world.ops("lag", "--json")).out

        _, again = await service.ops("rebuild", *YES)
        assert again["generation"] == 3, "a number is not used twice"


async def test_what_happens_meanwhile_is_in_both_generations(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.comparison.LOOKS", 50)  # as long as in life, and longer

    async def goes_on() -> None:
        while not cancelled():
            await service.happens(streams=1)

    async with service.running():
        await until(lambda: service.holds(9))
        life = asyncio.create_task(goes_on())
        try:
            exit, built = await service.ops("rebuild", *YES)
        finally:
            life.cancel()
        assert (exit, built["equal"]) == (0, True)


async def test_a_generation_that_differs_is_read_only_when_an_operator_says_so(service: Service) -> None:
    async with service.running():
        await until(lambda: service.holds(9))
        service.added = 100
        exit, built = await service.ops("rebuild", *YES)
        assert (exit, built["equal"], built["switched"]) == (1, False, False)
        assert await service.pointer() == (1, [1, 2])
        assert (await service.ops("activate", "2", *YES))[0] == 0
        assert await service.pointer() == (2, [1, 2])
        assert (await service.ops("retire", "1", *YES))[0] == 0
        assert (await service.pointer(), await service.holds(0, 1)) == ((2, [2]), True)


async def test_verifying_names_what_is_read_and_not_in_the_log_and_changes_nothing(service: Service) -> None:
    async with service.running():
        await until(lambda: service.holds(9))
        assert (await service.ops("verify", *YES))[0] == 0
        await service.views.generation(1)["rows"].insert_one({"_id": "made-up"})
        exit, built = await service.ops("verify", *YES)
        rows = built["collections"][1]
        assert (exit, rows["different"], rows["first_different"]) == (1, 1, ["made-up"])
        assert await service.pointer() == (1, [1])
        text = (await service.world.ops("projection", "status")).out
        assert service.name in text


@pytest.mark.parametrize(("made_up", "code"), [(False, 5), (True, 1)], ids=["equal", "different"])
async def test_a_verdict_is_told_and_recorded_although_its_generation_is_not_dropped_in_time(
    service: Service, monkeypatch: pytest.MonkeyPatch, made_up: bool, code: int
) -> None:
    async def late(_: Views) -> None:
        """Nobody drops anything."""

    monkeypatch.setattr("eventlog.generations.drop_ordered", late)
    async with service.running():
        await until(lambda: service.holds(9))
        if made_up:
            await service.views.generation(1)["rows"].insert_one({"_id": "made-up"})
        exit, built = await service.ops("verify", *YES, "--patience-seconds", "5")
    assert (exit, built["equal"], "has not dropped generation 2" in built["not_retired"]) == (code, not made_up, True)
    assert f"`ops projection retire {service.name} 2 " in built["not_retired"]
    outcome = (await service.world.ops("record", "list", "--json")).json["records"][0]["outcome"]
    verdict = "What is read is NOT what the log says." if made_up else "What is read is what the log says."
    told = (Exit(code).name.lower(), f"{verdict} {built['not_retired']}")
    assert (outcome["exit"], outcome["sentence"]) == told


async def test_a_rebuild_that_nobody_carries_out_is_given_up_and_goes_on_when_called_again(service: Service) -> None:
    await service.views.prepare()
    exit, told = await service.ops("rebuild", *YES, "--patience-seconds", "1")
    assert (exit, "does cards run" in told["error"]["sentence"]) == (5, True)
    assert await service.pointer() == (1, [1, 2])
    async with service.running():
        exit, built = await service.ops("rebuild", *YES)
        assert (exit, built["generation"]) == (0, 2)
        assert await service.pointer() == (2, [1, 2])


async def test_what_would_be_done_is_shown_and_not_done(service: Service) -> None:
    await service.views.prepare()
    for command in ("rebuild", "verify"):
        exit, told = await service.ops(command)
        assert (exit, told["done"]) == (6, False)
        assert "generation 2" in told["would"][0]
    assert await service.pointer() == (1, [1])


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("retire", "1"), "is the one that is read"),
        (("retire", "7"), "has never had a generation 7"),
        (("activate", "1"), "is read already"),
        (("activate", "2"), "is not kept current"),
    ],
)
async def test_what_makes_no_sense_is_refused(service: Service, command: tuple[str, str], told: str) -> None:
    await service.views.prepare()
    exit, answer = await service.ops(*command, *YES)
    assert (exit, told in answer["error"]["sentence"]) == (4, True)


async def test_a_generation_that_is_far_behind_is_not_read_by_mistake(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.projection.MAY_BE_BEHIND", 3)
    async with service.running():
        await until(lambda: service.holds(9))
    point = {"$set": {"kept": [1, 2]}}
    await service.world.databases["cards"]["projections"].update_one({"_id": service.name}, point)
    exit, answer = await service.ops("activate", "2", *YES)
    assert (exit, "9 events behind" in answer["error"]["sentence"]) == (4, True)
    assert (await service.ops("activate", "2", *YES, "--although-behind"))[0] == 0


async def test_a_projection_that_is_not_there_is_named(world: World) -> None:
    answer = await world.ops("projection", "rebuild", "no.such", "--json")
    assert (answer.exit, "There is no projection no.such" in answer.json["error"]["sentence"]) == (4, True)
