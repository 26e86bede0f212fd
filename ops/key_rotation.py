"""Ops, the rotation of a service's signing key, as files: a new one that signs later, and the end of old ones.

Nothing is told to the service: it looks into its folder by itself (chassis/signing_keys.py).
"""

import os
import stat
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from chassis.signing_keys import AHEAD_AT_MOST, READ_SECONDS, KeyFile, key_file, key_files, new_key, over
from chassis.token import KEYS_KEPT
from ops.problem import Exit, Problem

MOUNTED_AFTER = timedelta(minutes=2)  # the kubelet looks for changed secrets every minute, and keeps them for another
SOONEST = KEYS_KEPT + timedelta(seconds=READ_SECONDS) + MOUNTED_AFTER


@dataclass(frozen=True, slots=True)
class Rotation:
    """What is to be done in the folder of a service: a new file like the latest, and those whose time is over."""

    service: str
    folder: Path
    latest: KeyFile
    new: KeyFile
    over: tuple[KeyFile, ...]

    def steps(self) -> list[str]:
        """In words."""
        gone = [f"delete {self.folder / file.name}: no token of it can be valid any more" for file in self.over]
        return [
            f"write a new key of {self.service} into {self.folder / self.new.name}, which signs from then on",
            *gone,
        ]

    def carry_out(self) -> None:
        """Do it. Raises Problem where the folder cannot be written to."""
        try:
            _write(self.folder / self.new.name, new_key(), (self.folder / self.latest.name).stat())
            for file in self.over:
                (self.folder / file.name).unlink(missing_ok=True)
        except OSError as error:
            raise Problem(Exit.REFUSED, f"{self.folder} cannot be changed ({error.strerror}).") from error


def rotation_of(service: str, secrets: Path, now: datetime, after: timedelta) -> Rotation:
    """The rotation of a service whose folder stands in `secrets`.

    Raises Problem where there is no such folder, no key in it, or one that has not begun to sign yet.
    """
    folder = secrets / service
    try:
        files = key_files(folder)
    except OSError as error:
        raise Problem(Exit.REFUSED, f"{folder} is no folder that can be read.") from error
    if not files:
        raise Problem(Exit.REFUSED, f"{folder} holds no signing key: is it the folder that {service} reads?")
    if files[-1].order > now:
        sentence = f"{service} is being rotated already: {files[-1].name} signs from the time in its name on."
        raise Problem(Exit.REFUSED, sentence)
    return Rotation(service, folder, files[-1], key_file(now + after), tuple(over(files, now)))


def require_late_enough(after: timedelta) -> None:
    """Raises Problem for a key that would sign before everybody knows it."""
    if after < SOONEST:
        raise Problem(
            Exit.REFUSED,
            f"Who verifies tokens may know a new key only after {SOONEST.total_seconds():.0f} s; "
            "--although-soon if all of them are known to look more often.",
        )


def require_near_enough(after: timedelta) -> None:
    """Raises Problem for a key that the service would not publish for now, nor sign with for long."""
    if after > AHEAD_AT_MOST:
        raise Problem(
            Exit.REFUSED, "A new key signs within a day: further ahead it is not published, and is a finding."
        )


def _write(path: Path, content: bytes, like: os.stat_result) -> None:
    """Whole or not at all, and for the eyes of those who read the other: the service need not run as who rotates."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        os.fchown(file.fileno(), like.st_uid, like.st_gid)
        os.fchmod(file.fileno(), stat.S_IMODE(like.st_mode))
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
