"""Where the catalogue's files stand. What subscribers need is in the wheel; the snapshots are for the check alone."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """The files of the repository that stands at `root`."""

    root: Path

    @property
    def schemas(self) -> Path:
        """A JSON Schema for each event version, and one for the headers."""
        return self.root / "contracts/medonline_contracts/schemas"

    @property
    def golden(self) -> Path:
        """Golden records, a folder for each event version."""
        return self.root / "contracts/medonline_contracts/golden"

    @property
    def asyncapi(self) -> Path:
        """All topics."""
        return self.root / "contracts/medonline_contracts/asyncapi.yaml"

    @property
    def published(self) -> Path:
        """The snapshots."""
        return self.root / "contracts/published"

    @property
    def openapi(self) -> Path:
        """All services."""
        return self.root / "docs/openapi"

    def shown(self, path: Path) -> str:
        """The path as somebody who stands at the root would write it."""
        return path.relative_to(self.root).as_posix()
