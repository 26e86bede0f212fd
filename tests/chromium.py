"""The browser of the browser tests: Chromium without its windows, for it takes a fifth of the processor of a whole one.

One on the PATH, else Playwright's own, else Debian's where we are root. Where none can be had a whole one will do.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import sync_playwright

SHELL = "chromium-headless-shell"
WHOLE = ("chromium", "chromium-browser", "google-chrome")
PLAYWRIGHT = (sys.executable, "-m", "playwright", "install", "--only-shell", "chromium")
APT = ("apt-get", "install", "--yes", "--no-install-recommends")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
)


def find_chromium() -> str | None:
    """The path of a browser that starts, or None."""
    return _shell() or _first_that_starts(map(shutil.which, WHOLE))


def bring_chromium() -> str | None:
    """Install one where there is none; its path, or None where that did not work either."""
    if found := _shell():
        return found
    may_install = os.geteuid() == 0 and shutil.which("apt-get")
    if may_install:
        _run("apt-get", "update")
        _run(*APT, SHELL)
    if not find_chromium():
        _run(*PLAYWRIGHT)
    if may_install and not find_chromium():
        _run(*APT, "chromium")
    return find_chromium()


def _run(*command: str) -> None:
    subprocess.run(command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, check=False)


def _shell() -> str | None:
    return _first_that_starts([shutil.which(SHELL)]) or _first_that_starts(_playwrights_own())


def _playwrights_own() -> list[str]:
    with sync_playwright() as playwright:
        brought = Path(playwright.chromium.executable_path).parents[2]
        return [str(path) for path in brought.glob("chromium_headless_shell-*/*/*headless*shell")]


def _first_that_starts(paths: Iterable[str | None]) -> str | None:
    return next((path for path in paths if path and _starts(path)), None)


def _starts(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
