"""Thousands of schedules of relay, projector and fold, as the machine makes them up (no servers needed)."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.machine import Machine


@pytest.mark.parametrize("schedules", [150, pytest.param(10_000, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_whatever_happens_in_whatever_order_the_view_is_what_the_log_says(
    schedules: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventlog.turn.SWEEP_SECONDS", 0)
    monkeypatch.setattr("eventlog.relay.SWEEP_SECONDS", 0)
    monkeypatch.setattr("eventlog.delivery.RETRY_SECONDS", (0, 0))
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=schedules,
            stateful_step_count=15,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
