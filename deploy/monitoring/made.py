"""Monitoring, made files: what is generated here, as text by path; committed, so that a cluster needs no generator."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from deploy.monitoring.boards import BOARDS

HERE = Path(__file__).parent
ALERTS = HERE / "alerts"
DASHBOARDS = HERE / "dashboards"
COMPONENT = HERE.parent / "kubernetes" / "components" / "monitoring"


def made_files() -> dict[Path, str]:
    """Each generated file and what has to stand in it."""
    dashboards = {
        DASHBOARDS / f"{name}.json": json.dumps(board.document(), ensure_ascii=False, indent=2) + "\n"
        for name, board in BOARDS.items()
    }
    return {**dashboards, COMPONENT / "rules.yaml": "".join(_manifests())}


def rule_files() -> list[Path]:
    """The files of Prometheus' rules, which are written by hand."""
    return sorted(ALERTS.glob("*.yaml"))


def _manifests() -> Iterator[str]:
    yield "# Made of deploy/monitoring/alerts by `python -m deploy.monitoring`; change it there.\n"
    for path in rule_files():
        yield "---\n"
        yield yaml.dump(_prometheus_rule(path), Dumper=_Blocks, sort_keys=False, allow_unicode=True, width=1_000)


def _prometheus_rule(path: Path) -> dict[str, Any]:
    """The same groups as a resource of the Prometheus Operator."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {
            "name": path.stem.replace("_", "-"),
            "namespace": "medonline",
            "labels": {"app.kubernetes.io/part-of": "medonline"},
        },
        "spec": yaml.safe_load(path.read_text()),
    }


class _Blocks(yaml.SafeDumper):
    """Writes texts of several lines as blocks, to be read."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Blocks.add_representer(str, _text)
