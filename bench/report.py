"""The report: `docs/benchmarks.md`, made of what the measurements kept."""

import os
import platform
from datetime import UTC, datetime
from statistics import median

from bench.rounds import RESULTS, Measured, load
from deploy.local.processes import REPOSITORY

PAGE = REPOSITORY / "docs" / "benchmarks.md"
ORDER = (
    *("projection", "rebuild_4", "rebuild_4_spent", "memory_4", "rebuild_40", "rebuild_40_spent", "memory_40"),
    *("scale", "scale_spent", "latency", "latency_spent", "sign_in", "sign_in_spent", "page", "calls"),
    *("load", "load_memory"),
)

_HEAD = """\
# Benchmarks

Made by `make bench` (all of it; `ROUNDS=5` unless told otherwise); a single measurement is, for example,
`.venv/bin/python -m bench.projection --rounds 5`. Each starts its own Kafka and MongoDB in a temporary folder, and
every contender is a process of its own. All run in turn, in every round in another order; a ratio is the median of
the rounds' own ratios, so that a machine that is busy with other things strikes all alike. Rates in events per second
say as much about the machine as about the code; the ratios are what to look at.

"""


def main() -> None:
    measured = [load(path) for name in ORDER if (path := RESULTS / f"{name}.json").exists()]
    when = datetime.now(UTC).date().isoformat()
    where = f"{when}, {os.cpu_count()} cores, {_memory()} GB, {platform.system()} {platform.machine()}, Python "
    summary = _HEAD + f"Measured on {where}{platform.python_version()}.\n\n" + _targets(measured)
    PAGE.write_text(summary + "".join(map(_section, measured)))
    print(f"written: {PAGE.relative_to(REPOSITORY)}")


def _memory() -> int:
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30)


def _targets(measured: list[Measured]) -> str:
    lines = ["| measure | target | measured | |", "| --- | --- | --- | --- |"]
    for target in (target for one in measured for target in one.targets):
        sign = "≤" if target.at_most else "≥"
        reached = "met" if target.met else "**not met**"
        lines.append(f"| {target.what} | {sign} {target.target:g} | {target.ratio:.2f} | {reached} |")
    return "\n".join(lines) + "\n"


def _section(measured: Measured) -> str:
    text = f"\n## {measured.title}\n\n{measured.explained.strip()}\n\n"
    rounds = max(map(len, measured.values.values()))
    text += f"| {measured.unit} | median | {' | '.join(f'round {n + 1}' for n in range(rounds))} |\n"
    text += "| --- |" + " ---: |" * (rounds + 1) + "\n"
    for who, values in measured.values.items():
        text += f"| {who} | **{_number(median(values))}** | {' | '.join(map(_number, values))} |\n"
    return text + _plot(measured) + "".join(f"\n{note}\n" for note in measured.notes)


def _plot(measured: Measured) -> str:
    names = ", ".join(f'"{who}"' for who in measured.values)
    medians = ", ".join(f"{median(values):.4g}" for values in measured.values.values())
    return (
        f'\n```mermaid\nxychart-beta\n  title "{measured.title}, median of the rounds"\n  x-axis [{names}]\n'
        f'  y-axis "{measured.unit}" 0 --> {_top(measured):.4g}\n  bar [{medians}]\n```\n'
    )


def _top(measured: Measured) -> float:
    return 1.1 * max(median(values) for values in measured.values.values())


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


if __name__ == "__main__":
    main()
