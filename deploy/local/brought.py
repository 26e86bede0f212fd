"""Local stand, the cache: what comes from a registry is brought once, whole or not at all, by one process at a time."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path


def brought(folder: Path, bring: Callable[[Path], Path]) -> Path:
    """The folder, brought first where it is missing.

    `bring` is given an empty folder to work in and returns the one, in it or itself, that is to be kept. Whatever it
    raises comes through, and nothing is left of what it began.
    """
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():  # nobody else was bringing it
            shutil.rmtree(unfinished, ignore_errors=True)  # of a process that was killed
            unfinished.mkdir()
            try:
                bring(unfinished).rename(folder)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
    return folder
