"""The night-time checklist of docs/operations/restore.md: its commands, in the order in which they stand there."""

import re
import shlex
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs/operations/restore.md").read_text()


def commands() -> list[list[str]]:
    """Each command of the checklist, as a shell would split it."""
    lines = re.findall(r"^ {7}(\w.*)$", PAGE.replace("\\\n", " "), re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]
