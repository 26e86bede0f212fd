from pathlib import Path

import pytest

from tests.catalogue.world import Copy, copy_into


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A copy of the contracts to change."""
    return copy_into(tmp_path)
