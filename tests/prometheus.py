"""Prometheus and promtool for the tests: those on the PATH, else Debian's, unpacked into the cache, not installed."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.local.servers import CACHE

PACKAGE = "prometheus"
SECONDS_TO_BRING = 180


@dataclass(frozen=True, slots=True)
class Prometheus:
    """The two programs."""

    server: Path
    promtool: Path

    def promtool_says(self, *args: str | Path, cwd: Path | None = None) -> tuple[bool, str]:
        """Whether promtool is content, and all that it said."""
        ran = subprocess.run([self.promtool, *args], capture_output=True, text=True, timeout=120, cwd=cwd)
        return ran.returncode == 0, ran.stdout + ran.stderr


def bring_prometheus(cache: Path = CACHE) -> Prometheus | None:
    """Both programs, or None where none is on the PATH and Debian's package cannot be had."""
    if (server := shutil.which("prometheus")) and (promtool := shutil.which("promtool")):
        return Prometheus(Path(server), Path(promtool))
    home = cache / PACKAGE
    if not home.is_dir() and not _unpack(home):
        return None
    return Prometheus(home / "usr/bin/prometheus", home / "usr/bin/promtool")


def _unpack(home: Path) -> bool:
    """Debian's own package, as apt verifies it; without installing it no service starts. Says whether it is there."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        return False
    unfinished = home.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)  # of an interrupted run
    unfinished.mkdir(parents=True)
    if not _download(unfinished) and not (_ran("apt-get", "update", folder=unfinished) and _download(unfinished)):
        return False
    (package,) = unfinished.glob(f"{PACKAGE}_*.deb")
    if not _ran("dpkg", "-x", package.name, ".", folder=unfinished):
        return False
    package.unlink()
    unfinished.rename(home)
    return True


def _download(folder: Path) -> bool:
    return _ran("apt-get", "download", PACKAGE, folder=folder)


def _ran(*command: str, folder: Path) -> bool:
    try:
        return subprocess.run(command, cwd=folder, timeout=SECONDS_TO_BRING, capture_output=True).returncode == 0
    except subprocess.TimeoutExpired:
        return False
