"""Checked without a cluster, tools: kustomize, kubeconform and kube-score, built from their modules once and kept."""

from dataclasses import dataclass
from pathlib import Path

from deploy.kubernetes.check import golang
from deploy.kubernetes.check.pins import Pins, fingerprint
from deploy.local.brought import brought


@dataclass(frozen=True, slots=True)
class Tools:
    """The programs, in one folder."""

    folder: Path

    def program(self, name: str) -> str:
        """The path of one of them."""
        return str(self.folder / name)


def bring_tools(cache: Path, pins: Pins) -> Tools:
    """The tools, built first where they are missing: a minute of two processors. Raises golang.Unavailable."""
    return Tools(brought(cache / f"manifest-tools-{fingerprint(pins.tools)}", lambda folder: _build(pins, folder)))


def _build(pins: Pins, folder: Path) -> Path:
    golang.install(list(pins.tools.values()), folder)
    return folder
