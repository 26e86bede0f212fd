"""The figures of the load: what it comes to for `docs/benchmarks.md`, and the plot beside it."""

from collections import defaultdict
from collections.abc import Iterator

from bench.load.plot import Panel, Points, drawn, percentile
from bench.load.run import COMING, Outcome, Plan
from bench.rounds import Measured, Target
from deploy.local.processes import REPOSITORY

PLOT = REPOSITORY / "docs" / "load.svg"
WINDOW_SECONDS = 5.0
SETTLED_SECONDS = 20.0  # after a restart
PERCENTILES = (50, 95, 99)
EXPLAINED = """\
{users} virtual users on one machine with the whole portal (each of our services twice for HTTP and twice for its work
between MongoDB and Kafka), through the gateway on the loopback, everybody from an address of their own: they register
through Gosuslugi, look at the card, add relatives' cards and correct them, set a password, sign out, sign in by
password, read pages and now and then recover the password. Between two clicks each thinks for {thinking:.0f} s on
average; a click lasts until its page is there, redirects and Gosuslugi's part included. They come within the first
{coming:.0f} s. From second {begin:.0f} to {over:.0f} every process of every service is restarted, one after another: a
new one, ready and known to the balancer, then the old one's end. **After** lasts until people begin to go. {clicks:,}
clicks, {changes:,} changes that a page said are saved. An error is any status from 400 on, a connection that breaks, a
page without what it ought to say. Nothing is lost when every acknowledged change is in its log, every log whole and in
order on its topic, every view what the logs fold to, and `cards.state` says how each card stands.
"""
MEMORY = """\
The resident set of one process of each part in the load above (median): in the last {seconds:.0f} s before the restart
and in the last {seconds:.0f} s in which everybody walked. **Grows by** is the slope of the line through a process's
samples (least squares), as a share of its median, in a minute: from when all have come until the restart, and from
{settled:.0f} s after it until the first one goes. The worst process of both counts: that is what "flat" means here.
"""
FLAT = 0.05  # of a process's memory, in a minute


def save(plan: Plan, outcome: Outcome) -> bool:
    """Keep what was measured for the report, and draw it; whether every target was met."""
    begin, over = outcome.restart
    phases = {"before": (plan.seconds * COMING, begin), "during": (begin, over), "after": (over, outcome.walked)}
    latency: dict[str, list[float]] = {}
    for phase, (first, last) in phases.items():
        seconds = outcome.notes.seconds_between(first, last)
        latency |= {f"{phase}, p{percent}": [percentile(seconds, percent)] for percent in PERCENTILES}
    explained = EXPLAINED.format(
        users=plan.users,
        thinking=plan.thinking,
        coming=plan.seconds * COMING,
        begin=begin,
        over=over,
        clicks=len(outcome.notes.clicks),
        changes=len(outcome.notes.acknowledged),
    )
    title = f"{plan.users} users through a rolling restart"
    PLOT.write_text(drawn(list(_panels(outcome)), outcome.end, outcome.restart))
    notes = [f"![Latency and memory over time]({PLOT.name})"]
    measured = [
        Measured("load", title, explained, "milliseconds", latency, list(_targets(outcome, latency)), notes),
        _memory(title, plan, outcome),
    ]
    for each in measured:
        each.save()
    return all(target.met for each in measured for target in each.targets)


def _targets(outcome: Outcome, latency: dict[str, list[float]]) -> Iterator[Target]:
    yield Target("errors under load and restart", len(outcome.notes.failures), 0, at_most=True)
    yield Target("acknowledged changes lost, or views that differ from the log", len(outcome.lost), 0, at_most=True)
    ratio = latency["after, p99"][0] / latency["before, p99"][0]
    yield Target("p99 of a click: after the restart ÷ before", ratio, 1.5, at_most=True)


def _memory(title: str, plan: Plan, outcome: Outcome) -> Measured:
    begin, over = outcome.restart
    memory, end = outcome.memory, outcome.walked
    before, after = (memory.of_ours(last - SETTLED_SECONDS, last) for last in (begin, end))
    values: dict[str, list[float]] = {}
    for part in before:
        values |= {f"{part}, before": [before[part]], f"{part}, at the end": [after[part]]}
    flat = [(plan.seconds * COMING, begin), (over + SETTLED_SECONDS, end)]
    grown = [(share, part) for window in flat for part, share in memory.growth_per_minute(*window).items()]
    growth, grew_most = max(grown)
    targets = [
        Target(
            "memory of a process: at the end ÷ before the restart, the worst part",
            max(after[part] / before[part] for part in before),
            1.1,
            at_most=True,
        ),
        Target(f"memory grows by, in a minute, the worst process ({grew_most})", growth, FLAT, at_most=True),
    ]
    explained = MEMORY.format(seconds=SETTLED_SECONDS, settled=SETTLED_SECONDS)
    return Measured("load_memory", f"{title}: memory", explained, "megabytes", values, targets)


def _panels(outcome: Outcome) -> Iterator[Panel]:
    latency: dict[str, list[tuple[float, float]]] = {f"p{percent}": [] for percent in PERCENTILES}
    at = 0.0
    while at < outcome.end:
        if seconds := outcome.notes.seconds_between(at, at + WINDOW_SECONDS):
            for percent in PERCENTILES:
                latency[f"p{percent}"].append((at + WINDOW_SECONDS / 2, percentile(seconds, percent)))
        at += WINDOW_SECONDS
    yield Panel("A click", "milliseconds", dict(latency))
    yield Panel("Memory of all processes", "megabytes", _memory_lines(outcome))


def _memory_lines(outcome: Outcome) -> dict[str, Points]:
    together: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
    for sample in outcome.memory.samples:
        together[sample.part.removesuffix("-bus")][sample.at] += sample.megabytes
    return {part: sorted(sums.items()) for part, sums in together.items()}
