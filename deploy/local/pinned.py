"""Local stand, pins: jars are run only as they were when their version was chosen, byte for byte.

A registry's word for a file can change, and so can what a mirror or a network makes of it. The list stands beside the
version, as `sha256sum` writes it; whoever chooses another version looks at what came, and writes it anew:
`cd .local/cache/kafka-... && sha256sum */*.jar | sed 's|  .*/|  |' | sort -k 2`.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path


class NotAsPinned(Exception):
    """What came is not what was chosen."""


def require_pinned(jars: Iterable[Path], pins: Path) -> None:
    """Raises NotAsPinned where these jars are not those of the list, by name and SHA-256, neither more nor fewer."""
    wanted = {name: digest for digest, name in (line.split() for line in pins.read_text().splitlines())}
    came = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in jars}
    wrong = [
        *(f"{name} is another file" for name in sorted(wanted) if came.get(name, wanted[name]) != wanted[name]),
        *(f"{name} is missing" for name in sorted(wanted.keys() - came.keys())),
        *(f"{name} was not asked for" for name in sorted(came.keys() - wanted.keys())),
    ]
    if wrong:
        raise NotAsPinned(f"What was downloaded is not what {pins.name} names, and is not run: {'; '.join(wrong)}.")
