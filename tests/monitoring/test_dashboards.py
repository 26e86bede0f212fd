"""The dashboards are complete, are what makes them, and go to a cluster with the rules."""

import re
from typing import Any

import pytest
import yaml

from deploy.monitoring.made import ALERTS, COMPONENT, DASHBOARDS, HERE, made_files
from tests.monitoring.rules import BOARDS, panels_of


@pytest.mark.parametrize("path", made_files(), ids=lambda path: path.name)
def test_what_is_made_is_as_it_would_be_made(path: Any) -> None:
    assert path.read_text() == made_files()[path], "run: python -m deploy.monitoring"


def test_no_dashboard_is_left_that_nothing_makes() -> None:
    assert set(DASHBOARDS.iterdir()) == made_files().keys() - {COMPONENT / "rules.yaml"}


def test_each_dashboard_has_a_name_and_a_uid_of_its_own_that_grafana_takes() -> None:
    uids = [board["uid"] for board in BOARDS.values()]
    assert len({*uids}) == len({board["title"] for board in BOARDS.values()}) == len(BOARDS) == 4
    assert all(re.fullmatch(r"[a-z-]{1,40}", uid) for uid in uids)


@pytest.mark.parametrize("name", BOARDS)
def test_each_panel_says_what_it_shows_in_which_unit_and_from_the_chosen_prometheus(name: str) -> None:
    variables = {variable["name"]: variable for variable in BOARDS[name]["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    for panel in panels_of(BOARDS[name]):
        assert panel["title"]
        assert panel["description"].endswith((".", ";"))
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["targets"]
        for asked in (panel, *panel["targets"]):
            assert asked["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        for target in panel["targets"]:
            assert target["legendFormat"]
            used = set(re.findall(r"\$(\w+)", target["expr"])) - {"__rate_interval"}
            assert used <= variables.keys()


@pytest.mark.parametrize("name", BOARDS)
def test_panels_lie_side_by_side_and_do_not_overlap(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARDS[name]["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in BOARDS[name]["panels"]}) == len(BOARDS[name]["panels"])


def test_the_cluster_gets_every_dashboard() -> None:
    generated = yaml.safe_load((HERE / "kustomization.yaml").read_text())
    assert generated["generatorOptions"]["labels"]["grafana_dashboard"] == "1"
    files = [file for one in generated["configMapGenerator"] for file in one["files"]]
    assert sorted(files) == sorted(f"dashboards/{name}.json" for name in BOARDS)


def test_the_cluster_gets_the_rules_as_they_stand_in_the_files() -> None:
    resources = list(yaml.safe_load_all((COMPONENT / "rules.yaml").read_text()))
    assert {resource["kind"] for resource in resources} == {"PrometheusRule"}
    given = [yaml.safe_load(path.read_text())["groups"] for path in sorted(ALERTS.glob("*.yaml"))]
    assert [resource["spec"]["groups"] for resource in resources] == given
