"""Where the time goes: the processor time of this measurement's own processes, from Linux's /proc.

And what was stolen: time in which a virtual machine would have worked and its host let others do so.
"""

import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

# What a process is called by a word in its command line; the first that is there counts.
_NAMES = {
    "bin/mongod": "MongoDB",
    "kafka.Kafka": "Kafka",
    "ConnectStandalone": "the connector",
    "envoy": "gateway",
    "services.identity": "identity",
    "services.cards": "cards",
    "services.settings": "settings",
    "services.portal": "portal",
    "bench.contenders": "ours",
}
_TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds() -> Mapping[str, float]:
    """Seconds of a processor, so far, of each kind of process that this one started, of this one itself, and stolen."""
    all_cores = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    found = defaultdict(float, {"the measurement": sum(os.times()[:2]), "stolen": int(all_cores[8]) / _TICKS})
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:  # it has just ended
            continue
        parent, user, system = int(fields[1]), int(fields[11]), int(fields[12])
        if parent == os.getpid():
            name = next((name for word, name in _NAMES.items() if word in command), "others")
            found[name] += (user + system) / _TICKS
    return found


class Spending:
    """What each part spent for one of so many times, in `unit` seconds, run by run; who ran stands before the part."""

    def __init__(self, unit: float) -> None:
        self._unit = unit
        self._runs: dict[str, list[Mapping[str, float]]] = defaultdict(list)

    def note(self, who: str, before: Mapping[str, float], times: int) -> Mapping[str, float]:
        """Note what was spent since; returns it."""
        after = processor_seconds()
        each = {part: (seconds - before.get(part, 0)) / times / self._unit for part, seconds in after.items()}
        self._runs[who].append(each)
        return each

    def values(self) -> Mapping[str, list[float]]:
        """One value a run for each part, but for those that spent hardly any."""
        found: dict[str, list[float]] = {}
        for who, runs in self._runs.items():
            least = sum(sum(run.values()) for run in runs) / 100
            for part in dict.fromkeys(part for run in runs for part in run):
                values = [run.get(part, 0.0) for run in runs]
                if sum(values) > least:
                    found[f"{who}: {part}" if who else part] = values
        return found
