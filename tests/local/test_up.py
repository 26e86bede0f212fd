"""The promise of `make run`, on ports and a folder of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from deploy.local.ports import Ports, free_ports
from deploy.local.up import put_previous_logs_aside

pytestmark = pytest.mark.servers

CODE = """
import sys
from pathlib import Path
from deploy.local.ports import Ports
from deploy.local.up import main
sys.exit(main(Path(sys.argv[1]), Ports(*map(int, sys.argv[2:]))))
"""


class Run:
    """One `make run`; its processes are known by a mark that they inherit with the environment."""

    def __init__(self, folder: Path, ports: Ports):
        self.mark = f"RUN_MARK={uuid4()}"
        self._output = folder.parent / f"{uuid4()}.output"
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", CODE, str(folder), *map(str, astuple(ports))],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **dict([self.mark.split("=")])},
            )

    def says(self) -> str:
        return self._output.read_text()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 240
        while "Ready after" not in self.says():
            assert self.process.poll() is None, self.says()
            assert time.monotonic() < deadline, self.says()
            time.sleep(0.2)

    def left(self) -> dict[int, str]:
        """Its processes that still run, by id: their command lines."""
        return {int(path.name): _read(path / "cmdline") for path in Path("/proc").glob("[0-9]*") if self._ours(path)}

    def _ours(self, path: Path) -> bool:
        return self.mark in _read(path / "environ").split("\0")


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[Ports], Run]]:
    started: list[Run] = []

    def start(ports: Ports) -> Run:
        started.append(Run(tmp_path / "state", ports))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


def get(url: str) -> httpx.Response:
    """The operators' page asks everything before it answers."""
    return httpx.get(url, trust_env=False, timeout=30)


def wait_until_traced(page: str, asked: str) -> None:
    """The operators' page lists a trace of this request, which goes through the gateway to a service."""
    deadline = time.monotonic() + 60
    while f"GET {urlsplit(asked).path}" not in (shown := get(page).text):
        assert time.monotonic() < deadline, shown
        time.sleep(0.5)
        get(asked)  # spans that are not taken within a second are lost


@pytest.mark.timeout(600)  # it brings the whole portal up twice
def test_it_says_where_it_is_ends_on_ctrl_c_comes_back_and_ends_when_a_service_dies(
    run: Callable[[Ports], Run], tmp_path: Path
) -> None:
    ports = free_ports()
    first = run(ports)
    first.wait_until_ready()
    for what, url in re.findall(r"^(.+): (http://\S+)$", first.says(), re.MULTILINE):
        assert get(url).status_code == 200, what
    assert f"Portal: http://localhost:{ports.gateway}/\n" in first.says()
    wait_until_traced(f"http://127.0.0.1:{ports.watch}/", f"http://localhost:{ports.gateway}/docs/events")
    ops_env = tmp_path / "state/ops.env"
    assert f"`.venv/bin/ops --env-file {ops_env} doctor`" in first.says()
    assert ops_env.stat().st_mode & 0o777 == 0o600

    second = run(ports)
    assert (second.process.wait(60), second.says()) == (
        1,
        "\nThe portal already runs from this folder: press Ctrl-C where it does, first.\n",
    )

    asked = time.monotonic()
    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(60) == 0
    assert time.monotonic() - asked < 30
    assert first.left() == {}

    third = run(ports)
    third.wait_until_ready()
    assert "answered" in (tmp_path / "state/logs/previous/portal.log").read_text(), "what the first run said"
    cards = next(pid for pid, command in third.left().items() if "services.cards.main" in command)
    os.kill(cards, signal.SIGKILL)
    assert third.process.wait(60) == 1
    assert "cards was killed (signal 9), so everything is stopped" in third.says()
    assert third.left() == {}


def test_the_logs_of_the_last_run_are_kept_once(tmp_path: Path) -> None:
    for run in ("first", "second"):
        (tmp_path / "cards.log").write_text(run)
        (tmp_path / f"{run}.log").touch()
        put_previous_logs_aside(tmp_path)
    put_previous_logs_aside(tmp_path)  # one that ended before it wrote anything
    kept = {log.name: log.read_text() for log in (tmp_path / "previous").iterdir()}
    assert kept == {"cards.log": "second", "second.log": ""}
    assert list(tmp_path.glob("*.log")) == []


def test_a_port_in_use_is_said_in_one_sentence_and_nothing_is_left(run: Callable[[Ports], Run], tmp_path: Path) -> None:
    ports = free_ports()
    (tmp_path / "state").mkdir(mode=0o755)
    with socket.create_server(("127.0.0.1", ports.mongod)):
        refused = run(ports)
        assert refused.process.wait(60) == 1
    assert f"Port {ports.mongod} (for mongod) is in use" in refused.says()
    assert refused.left() == {}
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700, "the folder is the owner's alone"
