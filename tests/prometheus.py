"""Prometheus and promtool for the tests: those on the PATH, else Debian's, unpacked into the cache, not installed."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.local.brought import brought
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
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        return None
    try:
        home = brought(cache / PACKAGE, _unpack)
    except subprocess.SubprocessError:
        return None
    return Prometheus(home / "usr/bin/prometheus", home / "usr/bin/promtool")


def _unpack(folder: Path) -> Path:
    """Debian's own package, as apt verifies it; without installing it no service starts."""
    try:
        _run("apt-get", "download", PACKAGE, folder=folder)
    except subprocess.SubprocessError:
        _run("apt-get", "update", folder=folder)
        _run("apt-get", "download", PACKAGE, folder=folder)
    (package,) = folder.glob(f"{PACKAGE}_*.deb")
    _run("dpkg", "-x", package.name, ".", folder=folder)
    package.unlink()
    return folder


def _run(*command: str, folder: Path) -> None:
    subprocess.run(command, cwd=folder, timeout=SECONDS_TO_BRING, capture_output=True, check=True)
