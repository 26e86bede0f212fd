"""Checked without a cluster, Go: programs built from modules, and files read from them; the toolchain is a wheel's.

Modules come from where the environment says (`GOPROXY`); what is brought and built stays in Go's own caches, so that
another checkout on the same machine has it at once.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_GO = Path(sys.executable).with_name("go")
_SECONDS = 1800
_TRIES = 3
_QUICKLY = ("-gcflags=all=-N -l", "-ldflags=-s -w")  # they run for seconds: optimizing them would take half the build


class Unavailable(RuntimeError):
    """What checks the manifests could not be had; says what, and why."""


def install(packages: Sequence[str], folder: Path) -> None:
    """Build these (`path@version`) into `folder`. Raises Unavailable."""
    for package in packages:
        _go("install", *_QUICKLY, package, GOBIN=str(folder))


def module_folder(module: str) -> Path:
    """Where the files of a module (`path@version`) are, brought there first if need be. Raises Unavailable."""
    return Path(json.loads(_go("mod", "download", "-json", module))["Dir"])


def _go(*arguments: str, **more: str) -> str:
    environment = {
        **os.environ,
        "GOFLAGS": f"{os.environ.get('GOFLAGS', '')} -trimpath".strip(),  # the same wherever it is built
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
        **more,
    }
    complaint = ""
    for _ in range(_TRIES):
        try:
            done = subprocess.run(
                [str(_GO), *arguments], env=environment, capture_output=True, text=True, timeout=_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"go {arguments[-1]}: {type(error).__name__}") from error
        if done.returncode == 0:
            return done.stdout
        complaint = (done.stderr or done.stdout).strip()[-500:]
    raise Unavailable(f"go {arguments[-1]}: {complaint}")
