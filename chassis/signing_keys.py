"""A service's signing keys as files in its folder of secrets, read again and again: so a key is changed while it runs.

`signing-20261122T150000Z.pem` signs from that time (UTC) until a newer one's has come; the first may be called
`signing.pem`. A key is published from when it is there, so that everybody knows it before it signs, and for an hour
after the last token that it signed; one whose time is more than a day ahead was misnamed, or put there to sign when
nobody looks any more: it waits. Files and times are all there is to agree on, between processes and machines.
"""

import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import Gauge

from chassis.signing import SigningKey

log = structlog.get_logger(__name__)

# No token lives longer than a minute, and who verifies keeps keys for five minutes. The rest is for a process that
# hears of a new key late and goes on signing with the old one.
PUBLISHED_AFTERWARDS = timedelta(hours=1)
AHEAD_AT_MOST = timedelta(days=1)
READ_SECONDS = 15.0
AGE = Gauge("signing_key_age_seconds", "For how long the key that signs now has done so")
AHEAD = Gauge("signing_key_ahead_seconds", "How far ahead the time of the key that signs last lies; 0: of none")
FILES = Gauge("signing_key_files", "Files of signing keys that can be read; without one the next start fails")
for _figure in (AGE, AHEAD, FILES):
    _figure.set(math.nan)  # of a process that signs nothing, beside those of its service that do
_NAME = re.compile(r"signing(?:-(\d{8}T\d{6}Z))?\.pem", re.ASCII)
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The name of a key's file, and from when on it signs; null: it was the first."""

    name: str
    signs_from: datetime | None

    @property
    def order(self) -> datetime:
        """By this the files of a folder are in the order in which they sign."""
        return self.signs_from or datetime.min.replace(tzinfo=UTC)


def key_file(signs_from: datetime) -> KeyFile:
    """What the file of a key is called that is to sign from this time on, to the second."""
    whole = signs_from.astimezone(UTC).replace(microsecond=0)
    return KeyFile(f"signing-{whole:{_TIME}}.pem", whole)


def new_key() -> bytes:
    """A private key in PEM."""
    pem, pkcs8, unencrypted = (
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Ed25519PrivateKey.generate().private_bytes(pem, pkcs8, unencrypted)


def key_files(folder: Path) -> list[KeyFile]:
    """The keys in a folder of secrets, in the order in which they sign. Raises `OSError` where it is missing."""
    return sorted(_named(path.name for path in folder.iterdir()), key=lambda file: file.order)


def signing(files: Sequence[KeyFile], now: datetime) -> KeyFile:
    """The one that signs now: the newest whose time has come, or the first while none's has."""
    return next((file for file in reversed(files) if file.order <= now), files[0])


def over(files: Sequence[KeyFile], now: datetime) -> list[KeyFile]:
    """Those that no token can need any more: a newer one has signed for an hour."""
    return [file for file, newer in pairwise(files) if newer.order + PUBLISHED_AFTERWARDS <= now]


def too_far_ahead(files: Sequence[KeyFile], now: datetime) -> list[KeyFile]:
    """Those whose time is more than a day ahead, but for one that signs already since there is no other."""
    return [file for file in files if file.order > now + AHEAD_AT_MOST and file != signing(files, now)]


class SigningKeys:
    """The keys of a folder; what cannot be read later is logged, and those known before go on."""

    def __init__(
        self,
        folder: Path,
        read_seconds: float = READ_SECONDS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Raises `ValueError` or `OSError` where there is no key to sign with."""
        self._folder = folder
        self._read_seconds = read_seconds
        self._clock = clock
        self._keys = _read(folder)
        if not self._keys:
            raise ValueError(f"{folder} holds no signing key: signing-<time>.pem, or signing.pem")
        self._read_at = time.monotonic()
        AGE.set_function(self.age)
        AHEAD.set_function(self._ahead)
        FILES.set_function(self._count_files)

    def sign(self, claims: dict[str, object]) -> str:
        """A compact JWS of the claims, by the key whose time it is."""
        keys = self._current()
        return keys[signing(list(keys), self._clock())].sign(claims)

    def published(self) -> Sequence[dict[str, Any]]:
        """The public keys of all that sign, will sign or signed lately; `nbf` says from when (not before, RFC 7519)."""
        keys, now = self._current(), self._clock()
        unpublished = [*over(list(keys), now), *too_far_ahead(list(keys), now)]
        return [_jwk(file, key) for file, key in keys.items() if file not in unpublished]

    def age(self) -> float:
        """For how many seconds the key that signs now has done so; of the first, for how long its file is there."""
        file = signing(list(self._current()), self._clock())
        try:
            since = file.signs_from or datetime.fromtimestamp((self._folder / file.name).stat().st_mtime, UTC)
        except OSError:  # it is gone; that is the other figure's matter
            return math.nan
        return (self._clock() - since).total_seconds()

    def _current(self) -> dict[KeyFile, SigningKey]:
        if time.monotonic() - self._read_at >= self._read_seconds:
            self._read_at = time.monotonic()
            try:
                keys = _read(self._folder)
            except OSError:  # it is just being written anew
                keys = {}
            if keys:
                self._keys = keys
            else:
                log.error("signing_keys_missing", folder=str(self._folder))
        return self._keys

    def _ahead(self) -> float:
        return max(0.0, (list(self._current())[-1].order - self._clock()).total_seconds())

    def _count_files(self) -> float:
        try:
            return len(_read(self._folder))
        except OSError:
            return 0


def _named(names: Iterator[str]) -> Iterator[KeyFile]:
    for name in names:
        if not (match := _NAME.fullmatch(name)):
            continue
        try:
            yield KeyFile(name, datetime.strptime(match[1], _TIME).replace(tzinfo=UTC) if match[1] else None)
        except ValueError:
            log.error("signing_key_of_no_time", file=name)


def _read(folder: Path) -> dict[KeyFile, SigningKey]:
    keys = {}
    for file in key_files(folder):
        try:
            keys[file] = SigningKey.of_pem((folder / file.name).read_bytes())
        except (ValueError, OSError) as error:  # the others go on
            log.error("signing_key_unreadable", file=file.name, error=type(error).__name__)
    return keys


def _jwk(file: KeyFile, key: SigningKey) -> dict[str, Any]:
    return key.jwk | ({"nbf": int(file.signs_from.timestamp())} if file.signs_from else {})
