"""A hospital's own index follows the cards, and its count the registrations, with the contracts and nothing else."""

import subprocess
from pathlib import Path

from medonline_contracts.cards import holder_card_id
from tests.cards.asking import CHILD, added, registered, seen
from tests.cards.people import authenticated
from tests.cards.world import World
from tests.servers import RealServers
from tests.subscribers.conftest import Command
from tests.subscribers.running import running, until_known


def test_the_clean_environment_has_the_wheel_and_nothing_else_of_ours(clean_python: Path) -> None:
    program = "import importlib.metadata as m; print(*sorted(d.name.lower() for d in m.distributions()))"
    done = subprocess.run([clean_python, "-I", "-c", program], capture_output=True, text=True, check=True)
    found = set(done.stdout.split())
    assert {"medonline-contracts", "aiokafka", "pydantic"} <= found
    assert not found & {"medonline", "pymongo", "fastapi", "structlog"}


async def test_the_index_follows_a_family_from_registration_to_removal_and_back(
    command: Command, world: World, servers: RealServers, tmp_path: Path
) -> None:
    file, complaints = tmp_path / "hospital.db", tmp_path / "complaints"
    holder = await registered(world)
    own = holder_card_id(holder.account_id)
    async with running(command(file), complaints):
        child = await added(holder)
        at_first = {own: ("Ёлкин", "000-000-600 06"), child: ("Ёлкина", None)}
        await until_known(file, servers.bootstrap_servers, at_first)

        form = {**CHILD, "expected_version": 1, "snils": "112-233-445 95"}
        await seen(holder, await holder.http.put(f"/api/cards/{child}", json=form))
        removed = await holder.http.delete(f"/api/cards/{own}", params={"expected_version": 0})
        await seen(holder, removed)
        await until_known(file, servers.bootstrap_servers, {own: None, child: ("Ёлкина", "112-233-445 95")})

        await seen(holder, await holder.http.post(f"/api/cards/{own}/restoration", json={}))
        await until_known(file, servers.bootstrap_servers, {own: ("Ёлкин", "000-000-600 06")})


async def test_a_sign_in_is_no_registration_and_an_event_delivered_twice_is_counted_once(
    command: Command, world: World, servers: RealServers, tmp_path: Path
) -> None:
    file, complaints = tmp_path / "hospital.db", tmp_path / "complaints"
    holder = world.signed_in()
    async with running(command(file), complaints):
        before = (await until_known(file, servers.bootstrap_servers)).registrations
        for version in (2, 2, 3):
            await world.publish(holder.account_id, version, authenticated(holder.account_id))
        after = (await until_known(file, servers.bootstrap_servers)).registrations
    assert sum(after.values()) == sum(before.values()) + 1
