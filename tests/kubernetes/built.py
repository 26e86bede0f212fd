"""The manifests of an overlay as they would be applied: what kustomize builds of them."""

import os
import shutil
from functools import cache
from pathlib import Path

import pytest
import yaml

from deploy.kubernetes.check.checks import Checker
from deploy.kubernetes.check.golang import Unavailable
from deploy.kubernetes.check.pins import read_pins
from deploy.kubernetes.check.schemas import bring_schemas
from deploy.kubernetes.check.tools import bring_tools
from deploy.local.servers import CACHE
from tests.kubernetes.manifests import ROOT, Manifest


@cache
def built(overlay: Path) -> list[Manifest]:
    """Every object."""
    return [each for each in yaml.load_all(checker().build(overlay), yaml.CSafeLoader) if each]


def checker() -> Checker:
    """What builds and checks, brought first where it is missing; skips the test where it cannot be."""
    brought = _brought()
    if isinstance(brought, Unavailable):
        pytest.skip(f"manifests NOT CHECKED: runs where what checks them is in the cache, or can be had: {brought}")
    return brought


@cache
def _brought() -> Checker | Unavailable:
    pins = read_pins()
    try:
        return Checker(bring_tools(CACHE, pins), bring_schemas(CACHE, pins), pins)
    except Unavailable as error:  # asked for once, not by every test again
        return error


def with_component(overlay: Path, component: str, folder: Path) -> Path:
    """A copy of the overlay, made in the folder, that includes one component more, after the others."""
    copy = folder / overlay.name
    shutil.copytree(overlay, copy)
    said = (copy / "kustomization.yaml").read_text().replace("../../", f"{os.path.relpath(ROOT, copy)}/")
    last = f"  - {os.path.relpath(ROOT / 'components' / component, copy)}\n\nimages:"
    (copy / "kustomization.yaml").write_text(said.replace("\nimages:", last))
    return copy
