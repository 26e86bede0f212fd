"""The Dockerfile as the tests read it: its stages, and what each instruction copies."""

import fnmatch
import re
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
DOCKERFILE = REPOSITORY / "deploy/images/Dockerfile"


@dataclass(slots=True)
class Stage:
    """What it begins with, its name (the last one may have none), and its instructions in their order."""

    begins_with: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        """The arguments of every instruction of this name."""
        return [said for name, said in self.instructions if name == word]


def stages() -> list[Stage]:
    """All of them, in their order."""
    found: list[Stage] = []
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    for line in filter(str.strip, text.splitlines()):
        word, said = line.split(maxsplit=1)
        if word == "FROM":
            begins_with, _, name = said.partition(" AS ")
            found.append(Stage(begins_with, name))
        elif found:
            found[-1].instructions.append((word, said))
    return found


def copied_from_the_repository() -> list[str]:
    """The paths that any stage takes from the build's context."""
    copies = [said.split() for stage in stages() for said in stage.all("COPY") if "--from" not in said]
    return [path for said in copies for path in said[:-1] if not path.startswith("--")]


def is_sent(path: str) -> bool:
    """Whether `.dockerignore` lets this path reach the build: the last line that fits it, or what it is in, decides."""
    sent = True
    for line in (REPOSITORY / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        if line and not line.startswith("#") and _fits(pattern, path):
            sent = line.startswith("!")
    return sent


def _fits(pattern: str, path: str) -> bool:
    parts = path.split("/")
    above = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    if pattern.startswith("**/"):
        return any(fnmatch.fnmatch(part, pattern[3:]) for part in parts)
    return any(fnmatch.fnmatch(place, pattern) for place in above)
