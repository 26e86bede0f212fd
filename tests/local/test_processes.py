import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local.processes import Process, StartFailed, stop_together


class Script(Process):
    """A Python one-liner that is healthy once it has written `ready` into its log."""

    patience = 5.0

    def __init__(self, log: Path, code: str):
        super().__init__("script", log, [sys.executable, "-c", code])

    def ready(self) -> bool:
        return self.log.exists() and b"ready" in self.log.read_bytes()


SLEEPS = "import time; print('ready', flush=True); time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"


def test_one_that_ends_while_starting_is_reported_with_its_last_words(tmp_path: Path) -> None:
    script = Script(tmp_path / "log", "raise SystemExit('no disk')")
    script.start()
    with pytest.raises(StartFailed, match=r"script ended by itself \(exit code 1\) while starting(.|\n)*no disk"):
        script.wait()


@pytest.mark.parametrize(
    ("code", "how"), [("raise SystemExit(3)", "ended by itself (exit code 3)"), (SLEEPS, "was killed (signal 9)")]
)
def test_how_one_ended_is_told(tmp_path: Path, code: str, how: str) -> None:
    script = Script(tmp_path / "log", code)
    script.start()
    if code == SLEEPS:
        script.wait()
        script.kill()
    while script.alive():
        time.sleep(0.02)
    assert script.ending() == how


def test_one_that_is_never_healthy_is_reported(tmp_path: Path) -> None:
    script = Script(tmp_path / "log", "import time; time.sleep(60)")
    script.patience = 0.5
    script.start()
    with pytest.raises(StartFailed, match="script was not healthy within"):
        script.wait()
    script.stop(5)
    assert not script.alive()


def test_the_way_into_kafka_and_mongodb_is_not_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MONGODB_URI", "KAFKA_BOOTSTRAP_SERVERS", "KAFKA_OPTS"):
        monkeypatch.setenv(name, "a secret")
    script = Script(tmp_path / "log", "import os; print('ready', sorted(os.environ), flush=True); input()")
    script.start()
    script.wait()
    script.stop(5)
    assert "PATH" in script.log.read_text()
    assert not re.search("MONGODB|KAFKA", script.log.read_text())


def test_stopping_ends_even_those_that_do_not_listen(tmp_path: Path) -> None:
    scripts = [Script(tmp_path / "deaf", DEAF), Script(tmp_path / "good", SLEEPS)]
    for script in scripts:
        script.start()
        script.wait()
    stop_together(scripts, seconds=1)
    assert not any(script.alive() for script in scripts)


def test_a_killed_parent_leaves_no_child_behind(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from tests.local.test_processes import SLEEPS, Script
script = Script(Path({str(tmp_path / "log")!r}), SLEEPS)
script.start(); script.wait(); print(script._running.pid, flush=True)
import time; time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
