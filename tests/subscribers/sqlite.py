"""What a test does to a subscriber's file behind its back."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

SLOW_SECONDS = 0.03


def change(file: Path, statements: str) -> None:
    """Carry out these statements."""
    with closing(sqlite3.connect(file, timeout=30)) as opened:
        opened.executescript(statements)


def oldest_reading(file: Path) -> float:
    """Since when the partition of `cards.state` that was left behind longest may hold what is not known."""
    with closing(sqlite3.connect(file, timeout=30)) as opened:
        (read_at,) = opened.execute("SELECT min(read_at) FROM place WHERE topic = 'cards.state'").fetchone()
    return float(read_at)


def make_slow(file: Path) -> None:
    """From now on every row written takes `SLOW_SECONDS`, so that a kill falls into the middle of a transaction."""
    triggers = "".join(
        f"CREATE TRIGGER slow_{table} AFTER INSERT ON {table} BEGIN SELECT total FROM slow; END;"
        for table in ("patient", "registered")
    )
    change(file, f"CREATE VIEW slow AS {_counting_to(_counted_in(SLOW_SECONDS))}; {triggers}")


def _counting_to(end: int) -> str:
    return (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {end}) SELECT sum(i) AS total FROM n"
    )


def _counted_in(seconds: float) -> int:
    """How far this machine counts in this time, at its best of three."""
    tried = 100_000
    took = []
    with closing(sqlite3.connect(":memory:")) as opened:
        for _ in range(3):
            began = time.perf_counter()
            opened.execute(_counting_to(tried)).fetchall()
            took.append(time.perf_counter() - began)
    return int(tried * seconds / min(took))


def make_fast(file: Path) -> None:
    """As it was."""
    change(file, "DROP TRIGGER slow_patient; DROP TRIGGER slow_registered; DROP VIEW slow;")
