"""Local stand, processes: starts a program with a log file, waits until it is healthy, and ends it for certain."""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]

# The kernel ends a child (setpriv --pdeathsig) when the *thread* that made it ends, so one thread that lives as long
# as this program makes them all: whatever ends this program, even SIGKILL, nothing is left behind.
_birth_place = ThreadPoolExecutor(max_workers=1, thread_name_prefix="births")


class StartFailed(Exception):
    """Something could not be started; the message is one sentence for a person and names what to do."""


class Part(ABC):
    """One thing that the stack starts and ends: a process of ours, a container, or nothing where it runs elsewhere."""

    name: str
    patience = 120.0  # seconds until it must be healthy: a busy machine takes its time

    @abstractmethod
    def start(self) -> None:
        """Begin; returns at once. Raises StartFailed where it cannot even begin."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether it can do its work now."""

    @abstractmethod
    def alive(self) -> bool:
        """Whether it runs."""

    @abstractmethod
    def ask_to_stop(self) -> None:
        """Ask it to end; returns at once."""

    @abstractmethod
    def stop(self, seconds: float) -> None:
        """Ask it to end, and kill it when it has not within that many seconds."""

    @abstractmethod
    def kill(self) -> None:
        """End it without a word (SIGKILL)."""

    @abstractmethod
    def last_lines(self) -> str:
        """The end of its log, for a person who asks why it does not run."""

    def ending(self) -> str:
        """How it ended, as the rest of a sentence that begins with its name."""
        return "ended by itself"

    def pids(self) -> list[int]:
        """The ids of its processes on this machine that run."""
        return []

    def wait(self) -> None:
        """Return when it is healthy. Raises StartFailed when it ended or took too long."""
        deadline = time.monotonic() + self.patience
        while not self.ready():
            if not self.alive():
                raise StartFailed(
                    f"{self.name} {self.ending()} while starting; the last lines of its log:\n{self.last_lines()}"
                )
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{self.name} was not healthy within {self.patience:.0f} s; the last lines of its log:\n"
                    f"{self.last_lines()}"
                )
            time.sleep(0.1)


class Process(Part):
    """A program in a process group of its own (Ctrl-C in a terminal reaches it only through us), with a log file."""

    def __init__(self, name: str, log: Path, command: list[str], environment: Mapping[str, str] | None = None):
        self.name = name
        self.log = log
        self._command = command
        self._environment = {**_inherited(os.environ), **(environment or {})}
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._running = _birth_place.submit(
                subprocess.Popen,
                ["setpriv", "--pdeathsig", "KILL", *self._command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=REPOSITORY,
                env=self._environment,
                process_group=0,
            ).result()

    def alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def pids(self) -> list[int]:
        return [self._running.pid] if self._running is not None and self.alive() else []

    def was_killed(self) -> bool:
        """Whether it ended without a word."""
        return self._running is not None and self._running.poll() == -signal.SIGKILL

    def ask_to_stop(self) -> None:
        self._signal(signal.SIGTERM)

    def stop(self, seconds: float = 8.0) -> None:
        self.ask_to_stop()
        if self._running is not None:
            try:
                self._running.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self._running is not None:
            self._running.wait()

    def ending(self) -> str:
        code = self._running.poll() if self._running is not None else None
        if code is None:
            return super().ending()
        return f"was killed (signal {-code})" if code < 0 else f"ended by itself (exit code {code})"

    def last_lines(self, count: int = 15) -> str:
        if not self.log.exists():
            return f"(there is no {self.log})"
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 8192))
            lines = log.read().decode(errors="replace").splitlines()[-count:]
        return "\n".join([*lines, f"(the whole log: {self.log})"])

    def _signal(self, number: signal.Signals) -> None:
        if self._running is not None and self.alive():
            os.killpg(self._running.pid, number)


def _inherited(ours: Mapping[str, str]) -> dict[str, str]:
    """Our environment without the way into Kafka and MongoDB: only who works with them is told."""
    return {name: value for name, value in ours.items() if name != "MONGODB_URI" and not name.startswith("KAFKA_")}


def stop_together(parts: Iterable[Part], seconds: float) -> None:
    """Ask all to end at once, give them that many seconds together, kill those that are still there."""
    asked = list(parts)
    for part in asked:
        part.ask_to_stop()
    deadline = time.monotonic() + seconds
    for part in asked:
        part.stop(max(0.1, deadline - time.monotonic()))
