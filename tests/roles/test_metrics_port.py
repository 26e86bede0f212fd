"""Where figures have a port of their own, whoever may reach that port reaches nothing else of the process."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local.gateway import answers_ok
from deploy.local.ports import Ports, some_free
from deploy.local.secrets import make_secrets
from deploy.local.services import environments_of
from tests.roles.members import Member


class Portal(Member):
    """The portal, with nobody behind it, and its figures at `figures`."""

    def __init__(self, folder: Path, port: int) -> None:
        make_secrets(folder / "secrets")
        told = environments_of(folder, Ports(), {})["portal"]
        super().__init__("portal", "http", folder, {**told, "METRICS_PORT": str(port)})
        self.figures = f"http://127.0.0.1:{port}"

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


async def test_figures_are_told_at_their_own_port_and_there_alone(portal: Portal) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{portal.url}/help")).status_code == 200
        assert 'route="/help"' in (await http.get(f"{portal.figures}/metrics")).text
        assert (await http.get(f"{portal.url}/metrics")).status_code == 404
        for path in ("/help", "/health/live", "/openapi.json"):
            answer = await http.get(portal.figures + path, headers={"x-client-address": "192.0.2.1"})
            assert answer.text.startswith("# HELP"), "figures, whatever is asked for"
        assert (await http.post(f"{portal.figures}/sign-in")).status_code == 405


def test_a_process_with_a_port_for_figures_ends_when_it_is_told_to(portal: Portal) -> None:
    portal.ask_to_stop()
    portal.ended_with()
    assert not answers_ok(portal.figures)
