"""The rounds: everybody runs once in each, in changing order, so that a slow minute of the machine strikes all alike.

A ratio is the median of the rounds' own ratios: each compares two runs that lie minutes apart, not hours.
"""

import json
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from deploy.local.processes import REPOSITORY

RESULTS = REPOSITORY / ".local" / "bench"

Values = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio and what it is to be: at least `target`, or at most."""

    what: str
    ratio: float
    target: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.ratio <= self.target if self.at_most else self.ratio >= self.target


@dataclass(frozen=True, slots=True)
class Measured:
    """What a measurement found: for each who took part, one value a round, in `unit`."""

    name: str
    title: str
    explained: str
    unit: str
    values: Values
    targets: Sequence[Target]
    notes: Sequence[str] = field(default_factory=list)

    def save(self) -> None:
        """Keep it for the report, and show it."""
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / f"{self.name}.json").write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1))
        for who, values in self.values.items():
            print(f"{who:40} {median(values):12,.1f} {self.unit}   of {', '.join(f'{v:,.1f}' for v in values)}")
        for target in self.targets:
            sign = "at most" if target.at_most else "at least"
            print(f"{target.what:50} {target.ratio:8.2f}   {sign} {target.target}: {'yes' if target.met else 'NO'}")


def load(path: Path) -> Measured:
    """What `Measured.save` kept."""
    kept = json.loads(path.read_text())
    return Measured(**{**kept, "targets": [Target(**target) for target in kept["targets"]]})


def ratio(values: Values, one: str, other: str) -> float:
    """The median over the rounds of one's value divided by the other's."""
    return median(a / b for a, b in zip(values[one], values[other], strict=True))


async def interleave(names: Sequence[str], rounds: int, run: Callable[[str], Awaitable[float]]) -> Values:
    """Run each name once a round, beginning with another one each time; says how it goes."""
    values: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        turn = number % len(names)
        for name in (*names[turn:], *names[:turn]):
            values[name].append(await run(name))
            print(f"round {number + 1}/{rounds}  {name:32} {values[name][-1]:12,.1f}   load {os.getloadavg()[0]:.1f}")
    return values
