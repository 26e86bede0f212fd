"""Local stand, `make run`: brings the whole portal up, says where it is, and ends all of it on Ctrl-C.

The only place of the stand that reads the environment: KAFKA_BOOTSTRAP_SERVERS, MONGODB_URI and KAFKA_USERS (see
servers.py), and OTEL_EXPORTER_OTLP_ENDPOINT: where traces go, if not to the operators' page.
"""

import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from deploy.local.announcement import announce
from deploy.local.ports import Ports
from deploy.local.processes import REPOSITORY, StartFailed
from deploy.local.stack import Stack


class Stopped(BaseException):
    """Someone asked the stand to end (Ctrl-C, or SIGTERM)."""


def main(folder: Path, ports: Ports) -> int:
    """Run the portal with its state in `folder` until someone asks it to end; the exit code."""
    console = Console(width=None if sys.stdout.isatty() else 160)  # into a file: lines that are not cut
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        with _only_one(folder):
            return _run(folder, ports, console)
    except StartFailed as failure:
        _say(console, f"\n{failure}")
        return 1


def _run(folder: Path, ports: Ports, console: Console) -> int:
    started = time.monotonic()
    put_previous_logs_aside(folder / "logs")
    stack = Stack(folder, ports, os.environ, watched=True)
    try:
        _say(console, f"Starting the portal; the logs are in {folder / 'logs'}")
        stack.start_all(report=lambda part: _say(console, f"  {part} is up"))
        announce(console, stack.portal_url, stack.esia_url, stack.watch_url, stack.people)
        _say(console, f"Operators look into it with `.venv/bin/ops --env-file {stack.ops_env} doctor`, see --help.")
        _say(console, f"Other systems read Kafka as {stack.hospital_env} says, see docs/subscribing.md.")
        _say(console, f"Ready after {time.monotonic() - started:.0f} s. Ctrl-C ends it; the data stay.")
        return _watch(stack, console)
    except Stopped:
        _say(console, "\nStopping …")
        return 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # an impatient second Ctrl-C must leave nothing behind
        stack.stop_all()


def _watch(stack: Stack, console: Console) -> int:
    while not (dead := stack.dead()):
        time.sleep(0.5)
    for part in dead:
        _say(console, f"\n{part.name} {part.ending()}, so everything is stopped; its last lines:\n{part.last_lines()}")
    return 1


def put_previous_logs_aside(logs: Path) -> None:
    """Keep what the last run said, once: whoever starts again after a failure may still want to know why."""
    previous = logs / "previous"
    if ended := list(logs.glob("*.log")):
        shutil.rmtree(previous, ignore_errors=True)
        previous.mkdir()
    for log in ended:
        log.rename(previous / log.name)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)  # its logs, data and secrets are nobody else's on this machine
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartFailed("The portal already runs from this folder: press Ctrl-C where it does, first.") from None
        yield


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


def _say(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True, highlight=False, markup=False)


if __name__ == "__main__":
    sys.exit(main(REPOSITORY / ".local", Ports()))
