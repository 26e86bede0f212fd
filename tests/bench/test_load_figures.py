"""The figures of the load: what counts as growing, what a target is met by, and that the plot can be opened."""

from pathlib import Path
from typing import cast
from xml.etree import ElementTree

import pytest

from bench.load import figures
from bench.load.figures import save
from bench.load.memory import Memory, Sample
from bench.load.notes import Click, Notes
from bench.load.run import Outcome, Plan
from bench.rounds import Measured, load
from deploy.local.stack import Stack

PLAN = Plan(users=2, seconds=300, thinking=9, restarted=["cards"])
RESTART = (100.0, 200.0)


def memory_of(**megabytes_a_second: float) -> Memory:
    """Every part begins with 100 MB and grows by so much; `cards` is another process after the restart."""
    memory = Memory(cast(Stack, None), Notes())
    for at in range(0, 300, 2):
        for pid, (part, growth) in enumerate(megabytes_a_second.items()):
            life = at > RESTART[0] if part == "cards" else 0
            memory.samples.append(Sample(at, part, 10 * pid + life, 100 + growth * (at % RESTART[0] if life else at)))
    return memory


def measured(outcome: Outcome, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Measured, Measured]:
    monkeypatch.setattr(figures, "PLOT", folder / "load.svg")
    monkeypatch.setattr("bench.rounds.RESULTS", folder)
    all_met = save(PLAN, outcome)
    latency, memory = load(folder / "load.json"), load(folder / "load_memory.json")
    assert all_met is all(target.met for found in (latency, memory) for target in found.targets)
    return latency, memory


def outcome_of(memory: Memory, *, slower_after: float = 1) -> Outcome:
    notes = Notes()
    notes.clicks = [Click(at, 0.1 * (slower_after if at > RESTART[1] else 1)) for at in range(300)]
    return Outcome(notes, memory, RESTART, 300, 320, [])


def test_memory_that_stays_is_flat_and_the_servers_may_fill_what_they_were_given() -> None:
    growth = memory_of(cards=0, kafka=1, mongo=1).growth_per_minute(220, 300)
    assert growth == {"cards": pytest.approx(0)}


def test_memory_that_grows_is_told_as_a_share_of_itself() -> None:
    growth = memory_of(identity=0.5).growth_per_minute(200, 300)
    assert growth == {"identity": pytest.approx(30 / 224.5, rel=0.01)}


def test_where_all_is_well_every_target_is_met(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for found in measured(outcome_of(memory_of(cards=0, identity=0)), tmp_path, monkeypatch):
        assert all(target.met for target in found.targets)


def test_each_trouble_misses_a_target_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = outcome_of(memory_of(cards=0, identity=0.5), slower_after=2)
    outcome.notes.failed("user 1", ValueError("no card"))
    outcome.lost.append("a card")
    for found in measured(outcome, tmp_path, monkeypatch):
        assert not any(target.met for target in found.targets)


def test_the_plot_shows_every_line_and_the_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured(outcome_of(memory_of(cards=0, identity=0)), tmp_path, monkeypatch)
    drawn = ElementTree.parse(tmp_path / "load.svg").iter()
    texts = {element.text for element in drawn if element.tag.endswith("text")}
    assert {"p50", "p95", "p99", "cards", "identity", "rolling restart"} <= texts
