"""Where a process has a side door, whoever comes there hears what everybody may know, and reaches nothing else."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from chassis.serving import STARTUP_FAILED
from deploy.local.gateway import answers_ok
from deploy.local.ports import Ports, some_free
from deploy.local.secrets import make_secrets
from deploy.local.services import environments_of
from tests.roles.members import Member


class Portal(Member):
    """The portal, with nobody behind it, and its side door at `aside`."""

    def __init__(self, folder: Path, port: int) -> None:
        make_secrets(folder / "secrets")
        told = environments_of(folder, Ports(), {})["portal"]
        super().__init__("portal", "http", folder, {**told, "METRICS_PORT": str(port)})
        self.aside = f"http://127.0.0.1:{port}"

    def ready(self) -> bool:
        return answers_ok(f"{self.url}/health/live")


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    (port,) = some_free(1)
    portal = Portal(tmp_path, port)
    portal.start()
    portal.wait()
    yield portal
    portal.kill()


async def test_figures_are_told_at_the_side_door_alone_and_beside_them_how_the_process_is(portal: Portal) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{portal.url}/help")).status_code == 200
        assert 'route="/help"' in (await http.get(f"{portal.aside}/metrics")).text
        assert (await http.get(f"{portal.url}/metrics")).status_code == 404
        assert (await http.get(f"{portal.aside}/health/live")).json() == {"alive": True}
        assert (await http.get(f"{portal.aside}/health/ready")).json()["identity"] is False
        for path in ("/help", "/", "/openapi.json", "/metrics/x"):
            assert (await http.get(portal.aside + path)).status_code == 404
        assert (await http.post(f"{portal.aside}/sign-in")).status_code == 405


def test_a_process_with_a_side_door_ends_when_it_is_told_to(portal: Portal) -> None:
    portal.ask_to_stop()
    portal.ended_with()
    assert not answers_ok(f"{portal.aside}/metrics")


def test_a_process_whose_side_door_is_taken_ends_and_says_so(portal: Portal, tmp_path: Path) -> None:
    other = Portal(tmp_path / "other", int(portal.aside.rpartition(":")[2]))
    other.start()
    assert other.ended_with() == STARTUP_FAILED
