"""The browser of the browser tests: one on the PATH, else Playwright's own, else Debian's where we are root."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
)


def find_chromium() -> str | None:
    """The path of a browser that starts, or None."""
    named = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in (*named, _playwrights_own()) if path and _starts(path)), None)


def bring_chromium() -> str | None:
    """Install one where there is none; its path, or None where that did not work either."""
    ways: list[list[list[str]]] = [[[sys.executable, "-m", "playwright", "install", "chromium"]]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        ways.append([["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]])
    for commands in ways:
        if found := find_chromium():
            return found
        for command in commands:
            subprocess.run(command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, check=False)
    return find_chromium()


def _playwrights_own() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _starts(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    if bring_chromium() is None:
        sys.exit("The browser tests need a browser: sudo apt-get install chromium")
