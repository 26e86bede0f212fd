"""Prometheus' own tool takes the rules, their tests pass, and would not if a rule were another."""

import shutil
from pathlib import Path

import pytest
import yaml

from deploy.monitoring.made import ALERTS, rule_files
from tests.monitoring.rules import TEST_FILES, filled_in, shown
from tests.prometheus import Prometheus

pytestmark = pytest.mark.tools


def test_prometheus_takes_the_rules(prometheus: Prometheus) -> None:
    taken, said = prometheus.promtool_says("check", "rules", "--lint-fatal", *rule_files())
    assert taken, said


@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: path.stem)
def test_each_alert_fires_when_it_should_and_not_otherwise(prometheus: Prometheus, path: Path) -> None:
    passes, said = prometheus.promtool_says("test", "rules", path.name, cwd=path.parent)
    assert passes, said


@pytest.mark.parametrize(
    ("file", "is_so", "would_be"),
    [
        ("log.yaml", "> 60", "> 600"),
        ("log.yaml", "for: 10m", "for: 10s"),
        ("log.yaml", 'partitions_halted{namespace="medonline"}', 'partitions_halted{namespace="elsewhere"}'),
        ("cluster.yaml", "* 2", "* 1"),
        ("cluster.yaml", "[25h]", "[5m]"),
        ("services.yaml", '"job", "$1", "deployment", "(.+)-bus"', '"job", "$1", "deployment", "(.+)"'),
        ("duties.yaml", "26 * 3600", "13 * 3600"),
        ("sign_in.yaml", "> 0.5", "> 0.1"),
    ],
)
def test_a_rule_that_is_changed_fails_its_tests(
    prometheus: Prometheus, tmp_path: Path, file: str, is_so: str, would_be: str
) -> None:
    alerts = shutil.copytree(ALERTS, tmp_path / "alerts")
    rules = alerts / file
    assert is_so in rules.read_text()
    rules.write_text(rules.read_text().replace(is_so, would_be))
    passes, said = prometheus.promtool_says("test", "rules", rules.stem + "_test.yaml", cwd=alerts / "tests")
    assert not passes
    assert "FAILED" in said


def test_each_query_of_a_dashboard_is_promql(prometheus: Prometheus, tmp_path: Path) -> None:
    queries = [{"record": f"query:{number}", "expr": filled_in(expr)} for number, (_, expr) in enumerate(shown())]
    (tmp_path / "queries.yaml").write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": queries}]}))
    taken, said = prometheus.promtool_says("check", "rules", tmp_path / "queries.yaml")
    assert taken, said
    assert f"{len(queries)} rules found" in said
