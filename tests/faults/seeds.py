"""The seeds: every random choice of a test follows from one, and its id names it.

`FAULT_SEED=7 .venv/bin/pytest tests/faults -k …` runs a test again with exactly that one.
"""

import os

import pytest
from _pytest.mark import ParameterSet


def seeds(short: int, long: int) -> pytest.MarkDecorator:
    """Give the test a `seed`: the first few always, so many in the long run."""
    return pytest.mark.parametrize("seed", _parameters(short, long))


def _parameters(short: int, long: int) -> list[ParameterSet]:
    if chosen := os.environ.get("FAULT_SEED"):
        return [pytest.param(int(chosen), id=f"seed-{chosen}")]
    return [
        pytest.param(seed, id=f"seed-{seed}", marks=[pytest.mark.long] if seed > short else [])
        for seed in range(1, long + 1)
    ]
