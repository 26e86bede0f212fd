"""A copy of the contracts and the catalogue, in which something can be changed and the check be run on it.

The services are not in it: what they say of themselves is read there from what is committed, so that a run is short.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
COPIED = ("catalogue", "contracts", "docs/openapi")
COMMITTED = """
import json
from pathlib import Path

def documents():
    return {path.stem: json.loads(path.read_text()) for path in Path("docs/openapi").glob("*.json")}
"""
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Copy:
    """The repository as far as the catalogue goes, at `root`."""

    root: Path

    def change(self, file: str, old: str, new: str) -> None:
        """Replace the one place in a module of the contracts that says `old`."""
        path = self.root / "contracts/medonline_contracts" / file
        text = path.read_text()
        assert text.count(old) == 1, f"{file} says {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new))

    def files(self) -> dict[Path, bytes]:
        """All that there is, but what Python leaves behind."""
        found = (path for path in self.root.rglob("*") if path.is_file() and path.suffix != ".pyc")
        return {path: path.read_bytes() for path in found}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`python -m catalogue` there, as the Makefile calls it."""
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(self.root / "contracts"), str(self.root)])}
        command = [sys.executable, "-m", "catalogue", *arguments]
        return subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )


def copy_into(root: Path) -> Copy:
    """A copy at `root`."""
    for folder in COPIED:
        shutil.copytree(REPOSITORY / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "catalogue/openapi.py").write_text(COMMITTED)
    return Copy(root)
