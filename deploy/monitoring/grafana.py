"""Monitoring, Grafana: what a dashboard is made of, and its JSON model (schema 41, Grafana 12).

A dashboard is rows of panels; a panel shows queries in one unit (Grafana's name of it: `s`, `reqps`, `percentunit`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

Json = dict[str, Any]

SCHEMA = 41
WIDTH = 24
HEIGHT = 8
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL, and what a series of it is called (`{{label}}`)."""

    expr: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture; `stat`: only how it is now. It is red from `limit` on, or below where more is better."""

    title: str
    description: str
    unit: str
    queries: tuple[Query, ...]
    kind: Literal["timeseries", "stat"] = "timeseries"
    limit: float | None = None
    more_is_better: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Panels side by side under a heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`uid` stays what it is for ever: links name it. `choices` are variables: name and PromQL for the values."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]
    choices: tuple[tuple[str, str], ...] = ()

    def document(self) -> Json:
        """Grafana's JSON model."""
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": ["medonline"],
            "schemaVersion": SCHEMA,
            "editable": False,
            "graphTooltip": 1,
            "refresh": "30s",
            "time": {"from": "now-6h", "to": "now"},
            "timezone": "browser",
            "templating": {"list": [_datasource(), *(_choice(name, query) for name, query in self.choices)]},
            "annotations": {"list": []},
            "panels": list(_laid_out(self.rows)),
        }


def _datasource() -> Json:
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def _choice(name: str, query: str) -> Json:
    return {
        "name": name,
        "type": "query",
        "datasource": DATASOURCE,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _laid_out(rows: Sequence[Row]) -> Iterator[Json]:
    numbers, top = count(1), 0
    for row in rows:
        place = {"x": 0, "y": top, "w": WIDTH, "h": 1}
        yield {
            "id": next(numbers),
            "type": "row",
            "title": row.title,
            "collapsed": False,
            "gridPos": place,
            "panels": [],
        }
        top += 1
        wide = WIDTH // len(row.panels)
        for index, panel in enumerate(row.panels):
            yield {
                "id": next(numbers),
                **_panel(panel),
                "gridPos": {"x": index * wide, "y": top, "w": wide, "h": HEIGHT},
            }
        top += HEIGHT


def _panel(panel: Panel) -> Json:
    defaults: Json = {"unit": panel.unit, "min": 0}
    if panel.limit is not None:
        defaults["color"] = {"mode": "thresholds" if panel.kind == "stat" else "palette-classic"}
        defaults["thresholds"] = _thresholds(panel)
        if panel.kind == "timeseries":
            defaults["custom"] = {"thresholdsStyle": {"mode": "line"}}
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": DATASOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": _OPTIONS[panel.kind],
        "targets": [
            {"refId": chr(ord("A") + index), "datasource": DATASOURCE, "expr": query.expr, "legendFormat": query.legend}
            for index, query in enumerate(panel.queries)
        ],
    }


def _thresholds(panel: Panel) -> Json:
    below, above = ("red", "green") if panel.more_is_better else ("green", "red")
    return {"mode": "absolute", "steps": [{"color": below, "value": None}, {"color": above, "value": panel.limit}]}


_OPTIONS: dict[str, Json] = {
    "timeseries": {
        "legend": {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"], "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {
        "colorMode": "background",
        "graphMode": "none",
        "textMode": "value_and_name",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    },
}
