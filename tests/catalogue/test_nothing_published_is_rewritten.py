"""What was ever committed as published stays as it was: the newest snapshot too, which no other one names yet."""

import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PUBLISHED = ("contracts/published", "contracts/medonline_contracts/golden")


@pytest.mark.skipif(
    not (REPOSITORY / ".git").exists() or not shutil.which("git"),
    reason="history NOT CHECKED: runs in a git checkout where git is on the PATH",
)
def test_no_commit_changed_or_removed_a_snapshot_or_a_golden_record() -> None:
    history = ["log", "--diff-filter=MDRT", "--name-status", "--format=%h", "HEAD", "--", *PUBLISHED]
    told = subprocess.run(["git", "-C", str(REPOSITORY), *history], capture_output=True, text=True, check=True)
    assert told.stdout == "", "take it back and publish the change beside it: python -m catalogue"
