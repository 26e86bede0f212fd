"""Checked without a cluster, pins: what checks the manifests, in which version; `pins.toml` is the one place for it."""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel


class Definitions(BaseModel, frozen=True):
    """A Go module that holds resource definitions (CRDs) in these files of a folder."""

    module: str
    folder: str
    files: tuple[str, ...]


class Strimzi(BaseModel, frozen=True):
    """What Strimzi's own generator makes its resource definitions of."""

    version: str
    package: str
    classes: tuple[str, ...]


class File(BaseModel, frozen=True):
    """One file in a Go module."""

    module: str
    file: str


class Pins(BaseModel, frozen=True):
    """`enums`: by the name of a schema of Kubernetes' own, for each of its properties the words that it may be."""

    kubernetes: str
    tools: dict[str, str]
    crds: tuple[Definitions, ...]
    strimzi: Strimzi
    compose: File
    enums: dict[str, dict[str, list[str]]]


def read_pins() -> Pins:
    return Pins(**tomllib.loads(Path(__file__).with_name("pins.toml").read_text()))


def fingerprint(*of: Any) -> str:
    """Twelve hex digits that change with any of these."""
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()[:12]
