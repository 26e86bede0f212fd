"""Checked without a cluster, schemas: of Kubernetes and of every custom resource that is used, brought once and kept.

Kubernetes' own come with the kubernetes-validate wheel, the others from their makers' resource definitions.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml

from deploy.kubernetes.check import golang, strict, strimzi
from deploy.kubernetes.check.pins import Pins, fingerprint
from deploy.local.brought import brought

_WHEEL = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
_ADDRESS = "/api/_definitions.json"
COMPOSE = "compose-spec.json"


def bring_schemas(cache: Path, pins: Pins) -> Path:
    """The folder of schemas, made first where it is missing. Raises golang.Unavailable.

    `core/` has Kubernetes' own kinds, `custom/<group>/` the others, both as kubeconform looks for them.
    """
    made_by = [Path(path).read_text() for path in (strict.__file__, strimzi.__file__, __file__)]
    folder = cache / f"manifest-schemas-{fingerprint(pins.model_dump(mode='json'), made_by)}"
    return brought(folder, lambda unfinished: _make(pins, unfinished))


def _make(pins: Pins, folder: Path) -> Path:
    made, beside = folder / "made", folder / "beside"
    beside.mkdir()
    core = _core(pins)
    for name, schema in [*_core_kinds(core, pins), *_custom_kinds(core, pins, beside)]:
        _write(made / f"{name}.json", schema)
    shutil.copyfile(golang.module_folder(pins.compose.module) / pins.compose.file, made / COMPOSE)
    return made


def _core(pins: Pins) -> dict[str, strict.Schema]:
    definitions = json.loads((_wheel_folder(pins) / "_definitions.json").read_text())["$defs"]
    return strict.with_enums(strict.without_words(definitions), pins.enums)


def _core_kinds(core: dict[str, strict.Schema], pins: Pins) -> Iterator[tuple[str, strict.Schema]]:
    for path in sorted(_wheel_folder(pins).glob("*-*.json")):
        schema: Any = json.loads(path.read_text())
        fields = schema.get("properties", {}).keys()
        if fields >= {"apiVersion", "kind", "metadata"} and "items" not in fields:
            yield f"core/{path.stem}", strict.with_definitions(strict.without_words(schema, _ADDRESS), core)


def _custom_kinds(core: dict[str, strict.Schema], pins: Pins, folder: Path) -> Iterator[tuple[str, strict.Schema]]:
    for path in [*_of_modules(pins), *strimzi.definitions(pins.strimzi, folder)]:
        for document in yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader):
            if document and document["kind"] == "CustomResourceDefinition":
                for name, schema in strict.of_definition(document, core):
                    yield f"custom/{name}", schema


def _of_modules(pins: Pins) -> Iterator[Path]:
    for definitions in pins.crds:
        folder = golang.module_folder(definitions.module) / definitions.folder
        yield from (folder / name for name in definitions.files)


def _wheel_folder(pins: Pins) -> Path:
    return _WHEEL / f"v{pins.kubernetes}-local-strict"


def _write(path: Path, schema: strict.Schema) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(schema, separators=(",", ":")))
