"""The rules and dashboards as the tests look at them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from deploy.monitoring.made import ALERTS, DASHBOARDS, rule_files

Rule = dict[str, Any]

RULES: list[Rule] = [
    rule for path in rule_files() for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]
]
ALERT_RULES: dict[str, Rule] = {rule["alert"]: rule for rule in RULES if "alert" in rule}
RECORDED: dict[str, str] = {rule["record"]: rule["expr"] for rule in RULES if "record" in rule}
TEST_FILES = sorted((ALERTS / "tests").glob("*.yaml"))
BOARDS: dict[str, dict[str, Any]] = {path.stem: json.loads(path.read_text()) for path in DASHBOARDS.glob("*.json")}


def panels_of(board: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that show something: a row is only a heading."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def shown() -> Iterator[tuple[str, str]]:
    """Every query of every dashboard, with where it stands."""
    for name, board in BOARDS.items():
        for panel in panels_of(board):
            for target in panel["targets"]:
                yield f"{name}: {panel['title']}", target["expr"]


def filled_in(expr: str) -> str:
    """A dashboard's query as Grafana sends it, everything chosen."""
    return re.sub(r"\$(service|pod)", ".*", expr).replace("$__rate_interval", "1m")


def asked() -> Iterator[tuple[str, str]]:
    """Every expression of every rule and dashboard, with where it stands."""
    for rule in RULES:
        yield rule.get("alert") or rule["record"], rule["expr"]
    yield from shown()
