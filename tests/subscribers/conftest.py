"""The two example subscribers as a hospital runs them: each has what an outsider has, and nothing else of ours."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.processes import REPOSITORY
from tests.cards.conftest import world as world
from tests.node_ground import NodeGround
from tests.servers import RealServers

EXAMPLES = REPOSITORY / "docs/examples"
SCHEMAS = REPOSITORY / "contracts/medonline_contracts/schemas"
UV = shutil.which("uv") or str(REPOSITORY / ".local/bootstrap/bin/uv")

Program = Callable[[str, Path], list[str]]
"""The command line of a subscriber that reads this Kafka and keeps this file."""
Command = Callable[[Path], list[str]]
"""The same, for the Kafka of the tests."""


@pytest.fixture(scope="session")
def clean_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment that holds the contracts' wheel and aiokafka, in the versions of our lock."""
    home = tmp_path_factory.mktemp("hospital")
    _uv("build", "--wheel", str(REPOSITORY / "contracts"), "--out-dir", str(home))
    _uv("venv", "--python", sys.executable, str(home / "venv"))
    python = home / "venv/bin/python"
    (wheel,) = home.glob("*.whl")
    lock = str(REPOSITORY / "requirements.lock")
    _uv("pip", "install", "--python", str(python), "--constraint", lock, str(wheel), "aiokafka[lz4]")
    return python


def _uv(*args: str) -> None:
    done = subprocess.run([UV, "--quiet", *args], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


@pytest.fixture(params=["python", "node"])
def program(request: pytest.FixtureRequest) -> Program:
    """Each of the two."""
    if request.param == "python":
        python: Path = request.getfixturevalue("clean_python")
        run = [str(python), "-I", str(EXAMPLES / "subscriber.py")]
        return lambda kafka, file: [*run, "--kafka", kafka, "--file", str(file)]
    node: NodeGround = request.getfixturevalue("node")

    def in_node(kafka: str, file: Path) -> list[str]:
        group = f"hospital.{file.parent.name}"
        where = ("--kafka", kafka, "--file", str(file), "--schemas", str(SCHEMAS), "--group", group)
        return node.command(EXAMPLES / "subscriber.mjs", *where)

    return in_node


@pytest.fixture
def command(program: Program, servers: RealServers) -> Command:
    return lambda file: program(servers.bootstrap_servers, file)
