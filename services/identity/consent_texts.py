"""Identity, the consent texts: every version ever published, read from files once, at the start.

A folder holds `<id>/manifest.toml` (the versions, and which of them matter enough to be asked for again) and
`<id>/<version>.txt`. The hash is taken of the file's bytes, and those very bytes are what a person is shown.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from medonline_contracts.identity import ConsentText
from services.identity.refusals import ConsentOutdated

PERSONAL_DATA = "personal-data"


class _Version(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int
    published_on: date
    material: bool


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    versions: list[_Version]


@dataclass(frozen=True, slots=True)
class PublishedText:
    """One version of the text: what it is called, its bytes (UTF-8), and whether older consents became due by it."""

    consent: ConsentText
    raw: bytes
    published_on: date
    material: bool


class ConsentTexts:
    """The versions of the consent to the processing of personal data (152-ФЗ, art. 9)."""

    def __init__(self, texts: Mapping[int, PublishedText]) -> None:
        self._texts = texts

    @classmethod
    def read(cls, folder: Path) -> "ConsentTexts":
        """Read the folder; raises `OSError` or `ValueError` where a version or the manifest is missing or wrong."""
        home = folder / PERSONAL_DATA
        manifest = _Manifest.model_validate(tomllib.loads((home / "manifest.toml").read_text(encoding="utf-8")))
        if not manifest.versions:
            raise ValueError("the manifest of the consent texts names no version")
        return cls({entry.version: _published(home, entry) for entry in manifest.versions})

    @property
    def current(self) -> PublishedText:
        """The text that is asked for today: the highest version."""
        return self._texts[max(self._texts)]

    def find(self, consent_id: str, version: int) -> PublishedText | None:
        """The text as it stood in that version."""
        return self._texts.get(version) if consent_id == PERSONAL_DATA else None

    def require_current(self, consent: ConsentText) -> None:
        """Raises `ConsentOutdated` unless it is the current text, to the byte."""
        if consent != self.current.consent:
            raise ConsentOutdated

    def due(self, agreed: int) -> bool:
        """Whether somebody who last agreed to this version has to be asked again."""
        return any(version > agreed and text.material for version, text in self._texts.items())


def _published(home: Path, entry: _Version) -> PublishedText:
    raw = (home / f"{entry.version}.txt").read_bytes()
    raw.decode()  # a text that is not UTF-8 must not start
    consent = ConsentText(id=PERSONAL_DATA, version=entry.version, sha256=hashlib.sha256(raw).hexdigest())
    return PublishedText(consent, raw, entry.published_on, entry.material)
