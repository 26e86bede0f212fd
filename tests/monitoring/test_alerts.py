"""Every alert is tested both ways, says what it has to say, and has its section in docs/operations/alerts.md."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.monitoring.promql import metrics_in
from tests.monitoring.rules import ALERT_RULES, RECORDED, TEST_FILES

WHERE = "https://git.example/medonline"  # nowhere: a region puts its own there
PAGE = (Path(__file__).parents[2] / "docs/operations/alerts.md").read_text()

INDEX = (Path(__file__).parents[2] / "docs/operations.md").read_text()


def _trials() -> Iterator[tuple[str, bool, set[str]]]:
    for path in TEST_FILES:
        for test in yaml.safe_load(path.read_text())["tests"]:
            given = {name for one in test["input_series"] for name in metrics_in(one["series"])}
            for asked in test["alert_rule_test"]:
                yield asked["alertname"], bool(asked.get("exp_alerts")), given


TRIALS = list(_trials())
"""Of promtool's tests: the alert, whether it has to fire, and the metrics that the test sets."""


def sections() -> dict[str, str]:
    """What stands on the page under each heading of the second level."""
    _, *parts = re.split(r"^## (.+)$", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def asks_for(expr: str) -> set[str]:
    """The metrics of an expression, through what is recorded."""
    names = metrics_in(expr)
    return names.union(*(asks_for(RECORDED[name]) for name in names & RECORDED.keys()))


@pytest.mark.parametrize("alert", ALERT_RULES)
def test_each_alert_is_made_to_fire_and_kept_from_it_by_its_own_metrics(alert: str) -> None:
    metrics = asks_for(ALERT_RULES[alert]["expr"])
    for fires in (True, False):
        assert any(name == alert and way is fires and given & metrics for name, way, given in TRIALS)


def test_no_test_is_of_an_alert_that_is_not_there() -> None:
    assert {name for name, _, _ in TRIALS} == set(ALERT_RULES)


@pytest.mark.parametrize("alert", ALERT_RULES)
def test_each_alert_says_how_bad_it_is_where_and_what_to_read(alert: str) -> None:
    rule: dict[str, Any] = ALERT_RULES[alert]
    assert rule["labels"]["severity"] in {"critical", "warning"}
    told = rule["annotations"]
    assert set(told) == {"summary", "description", "runbook_url"}
    assert told["runbook_url"] == f"{WHERE}/docs/operations/alerts.md#{alert.lower()}"
    assert len(told["summary"]) < 80


@pytest.mark.parametrize("alert", ALERT_RULES)
def test_each_alert_has_a_section_that_says_what_it_means_what_to_look_at_and_what_to_do(alert: str) -> None:
    section = " ".join(sections()[alert].split())
    meaning, looking, doing = re.split(r"Look at: | Do: ", section)
    assert min(len(part.split()) for part in (meaning, looking, doing)) > 4


def test_the_table_at_its_top_leads_to_each_alert() -> None:
    assert sorted(re.findall(r"\[(\w+)\]\(#", PAGE.split("\n## ")[0])) == sorted(ALERT_RULES)


def test_the_pages_say_where_alerts_lead_to_before_a_region_has_said_it() -> None:
    assert f"`{WHERE}`" in PAGE
    assert "Of each the `runbook_url` opens it" in INDEX


def test_no_section_is_about_an_alert_that_is_never_raised() -> None:
    assert set(sections()) == set(ALERT_RULES)
