"""The night-time checklist of docs/operations.md: its commands, in the order in which they stand there."""

import re
import shlex
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs/operations.md").read_text()
HEADING = "### A database was restored from a backup"


def commands() -> list[list[str]]:
    """Each command of the checklist, as a shell would split it."""
    section = PAGE.split(f"{HEADING}\n")[1].split("\n### ")[0]
    lines = re.findall(r"^ {7}(\w.*)$", section.replace("\\\n", " "), re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]
