"""Checked without a cluster, checks: an overlay built by kustomize, and what kubeconform and kube-score say of it."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.kubernetes.check.pins import Pins
from deploy.kubernetes.check.tools import Tools

KUBERNETES = Path(__file__).parents[1]
OVERLAYS = ("dev", "prod")
_CRITICAL = 1
_ALL_OK = 10
_SECCOMP = "container-seccomp-profile"  # for kube-score a warning; the namespace would refuse the pod
_SECONDS = 120


class Broken(RuntimeError):
    """A tool could not make sense of the manifests at all; says what it said."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and with what: `Kind/name`."""

    resource: str
    what: str

    def __str__(self) -> str:
        return f"{self.resource}: {self.what}"


@dataclass(frozen=True, slots=True)
class Checker:
    """The tools with the folder of schemas, see schemas.py."""

    tools: Tools
    schemas: Path
    pins: Pins

    def build(self, folder: Path) -> str:
        """The manifests of an overlay, as they would be applied. Raises Broken."""
        return self._run("kustomize", "build", str(folder))

    def against_schemas(self, manifests: str) -> list[Finding]:
        """What fits no schema, or has none: nothing is skipped. Raises Broken."""
        locations = (
            "core/{{.ResourceKind}}{{.KindSuffix}}",
            "custom/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}",
        )
        options = [f"-schema-location={self.schemas}/{location}.json" for location in locations]
        options += ["-strict", "-output=json", "-summary", f"-kubernetes-version={self.pins.kubernetes}"]
        told: dict[str, Any] = json.loads(self._run("kubeconform", *options, given=manifests, codes=(0, 1)))
        found = [_unfit(resource) for resource in told["resources"]]
        if told["summary"]["skipped"]:
            found.append(Finding("all", f"{told['summary']['skipped']} were skipped"))
        return found

    def scored(self, manifests: str) -> list[Finding]:
        """What kube-score calls critical, and a missing seccomp profile. Raises Broken."""
        version = ".".join(self.pins.kubernetes.split(".")[:2])
        options = [f"--kubernetes-version=v{version}", f"--enable-optional-test={_SECCOMP}", "--output-format=json"]
        told: list[dict[str, Any]] = json.loads(
            self._run("kube-score", "score", *options, "-", given=manifests, codes=(0, 1))
        )
        return [
            Finding(f"{scored['type_meta']['kind']}/{scored['object_meta']['name']}", _said(check))
            for scored in told
            for check in scored["checks"]
            if not check["skipped"] and check["grade"] <= _worst(check["check"]["id"])
        ]

    def _run(self, program: str, *arguments: str, given: str = "", codes: tuple[int, ...] = (0,)) -> str:
        command = [self.tools.program(program), *arguments]
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=_SECONDS)
        if done.returncode not in codes:
            raise Broken(f"{program}: {(done.stderr or done.stdout).strip()}")
        return done.stdout


def _unfit(resource: dict[str, Any]) -> Finding:
    return Finding(f"{resource['kind']}/{resource['name']}", resource["msg"])


def _worst(check: str) -> int:
    return _ALL_OK - 1 if check == _SECCOMP else _CRITICAL


def _said(check: dict[str, Any]) -> str:
    said = "; ".join(f"{comment['path']} {comment['summary']}".strip() for comment in check["comments"] or ())
    return f"{check['check']['name']}: {said}"
