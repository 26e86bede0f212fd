"""The manifests of an overlay as they stand in the files: all that its kustomization names, before any patch.

Enough for what no patch touches (policies, users, topics, routes, environment), and it needs no tool. That kustomize
reads the same out of them is a test of its own (test_derived_build.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]
ROOT = Path(__file__).parents[2] / "deploy/kubernetes"
PROD = ROOT / "overlays/prod"
DEV = ROOT / "overlays/dev"
NAMESPACE = "medonline"


def manifests_of(overlay: Path) -> list[Manifest]:
    """Every object that the overlay's files hold."""
    return [manifest for folder in _folders(overlay) for manifest in _written_in(folder)]


def of_kind(manifests: Sequence[Manifest], *kinds: str) -> list[Manifest]:
    """Those of these kinds."""
    return [manifest for manifest in manifests if manifest["kind"] in kinds]


def named(manifests: Sequence[Manifest], kind: str, name: str) -> Manifest:
    """The one of this kind and name. Raises `ValueError` where there is not exactly one."""
    (found,) = [each for each in of_kind(manifests, kind) if each["metadata"]["name"] == name]
    return found


def settings_of(overlay: Path, config_map: str) -> dict[str, str]:
    """What a generated ConfigMap holds: what the base says, then the components, then the overlay."""
    told: dict[str, str] = {}
    for folder in _folders(overlay):
        for generated in _kustomization(folder).get("configMapGenerator", []):
            if generated["name"] == config_map:
                told |= dict(literal.split("=", 1) for literal in generated.get("literals", []))
    return told


def pod_template(manifest: Manifest) -> Manifest:
    """The pods that a workload makes."""
    spec: Manifest = manifest["spec"]
    template: Manifest = spec["jobTemplate"]["spec"]["template"] if manifest["kind"] == "CronJob" else spec["template"]
    return template


def container(manifest: Manifest) -> Manifest:
    """The one container of a workload of ours."""
    (only,) = pod_template(manifest)["spec"]["containers"]
    assert isinstance(only, dict)
    return only


def environment_of(manifest: Manifest, overlay: Path) -> dict[str, str | None]:
    """What the container of a workload is told; null stands for what comes from a secret."""
    told: dict[str, str | None] = {}
    for source in container(manifest).get("envFrom", []):
        told |= settings_of(overlay, source["configMapRef"]["name"])
    return told | {each["name"]: each.get("value") for each in container(manifest).get("env", [])}


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector means something with these labels; an empty one means everything."""
    if not all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()):
        return False
    return all(_holds(expression, labels) for expression in selector.get("matchExpressions", []))


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value = labels.get(expression["key"])
    match expression["operator"]:
        case "In":
            return value in expression["values"]
        case "NotIn":
            return value not in expression["values"]
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    raise ValueError(f"no operator is called {expression['operator']}")


def _folders(folder: Path) -> Iterator[Path]:
    """The folder and all that it includes, what is included first."""
    said = _kustomization(folder)
    for other in [*said.get("resources", []), *said.get("components", [])]:
        if (folder / other).is_dir():
            yield from _folders((folder / other).resolve())
    yield folder


def _kustomization(folder: Path) -> Manifest:
    (said,) = _objects(folder / "kustomization.yaml")
    return said


def _written_in(folder: Path) -> Iterator[Manifest]:
    for file in _kustomization(folder).get("resources", []):
        if (folder / file).is_file():
            yield from _objects(folder / file)


@cache
def _objects(file: Path) -> Sequence[Manifest]:
    """Read once: whoever spoils one for a test takes a copy."""
    return tuple(each for each in yaml.load_all(file.read_text(), yaml.CSafeLoader) if each)
