"""Rules and dashboards ask only for metrics, labels and values that somebody exposes."""

from collections.abc import Iterable, Iterator, Mapping

import pytest

from chassis.sign_ins import GRANTED
from tests.monitoring.exposed import OF_TARGETS, OUTSIDE, SERVICES, of_our_processes
from tests.monitoring.promql import grouped_by, metrics_in, selected_by, values_of
from tests.monitoring.rules import RECORDED, asked

Exposed = Mapping[str, frozenset[str]]


def everything(ours: Exposed) -> Exposed:
    """All series there are, with their labels; a recorded one has those that it is grouped by."""
    recorded = {name: frozenset(grouped_by(expr)) for name, expr in RECORDED.items()}
    return {**OUTSIDE, **ours, **recorded}


def missing(expressions: Iterable[tuple[str, str]], exposed: Exposed) -> Iterator[str]:
    """What is asked for and not there, in words."""
    for where, expr in expressions:
        there = metrics_in(expr) & exposed.keys()
        yield from (f"{where}: no metric {name}" for name in metrics_in(expr) - there)
        for name, label in selected_by(expr):
            if label not in exposed.get(name, frozenset()) | OF_TARGETS:
                yield f"{where}: {name} has no label {label}"
        for label in grouped_by(expr) - OF_TARGETS.union(*(exposed[name] for name in there)):
            yield f"{where}: nothing to group by {label}"


def exceptions(root: type[BaseException] = Exception) -> Iterator[str]:
    """The names of all classes of exceptions that are defined."""
    for kind in root.__subclasses__():
        yield kind.__name__
        yield from exceptions(kind)


def test_rules_and_dashboards_ask_only_for_what_is_exposed() -> None:
    assert list(missing(asked(), everything(of_our_processes()))) == []


@pytest.mark.parametrize("name", sorted({name for _, expr in asked() for name in metrics_in(expr)} - OUTSIDE.keys()))
def test_a_metric_of_ours_that_is_renamed_is_missed(name: str) -> None:
    exposed = dict(everything(of_our_processes()))
    exposed[f"{name}_renamed"] = exposed.pop(name)
    assert any(f"no metric {name}" in complaint for complaint in missing(asked(), exposed))


def test_a_label_that_is_renamed_is_missed() -> None:
    exposed = {**everything(of_our_processes()), "sign_in_outcomes_total": frozenset({"way", "result"})}
    complaints = list(missing(asked(), exposed))
    assert any("has no label outcome" in complaint for complaint in complaints)
    assert any("nothing to group by outcome" in complaint for complaint in complaints)


def test_nothing_outside_is_listed_that_nobody_asks_for() -> None:
    variables = {"kube_pod_info"}  # what a dashboard offers to choose from
    assert OUTSIDE.keys() == {name for _, expr in asked() for name in metrics_in(expr) & OUTSIDE.keys()} | variables


def test_each_outcome_that_is_asked_for_can_come_about() -> None:
    of_our_processes()  # imports them all
    outcomes = set().union(*(values_of("outcome", expr) for _, expr in asked()))
    assert outcomes <= {GRANTED, *exceptions()}
    assert GRANTED in outcomes


def test_each_service_has_to_be_there() -> None:
    expressions = dict(asked())
    assert values_of("job", expressions["ServiceDown"]) == set(SERVICES)
    assert values_of("job", expressions["BusDown"]) == set(SERVICES) - {"portal"}  # it has no log
