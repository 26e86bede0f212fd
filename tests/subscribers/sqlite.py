"""What a test does to a subscriber's file behind its back."""

import sqlite3
from contextlib import closing
from pathlib import Path


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
    """From now on every row written takes about 20 ms, so that a kill falls into the middle of a transaction."""
    triggers = "".join(
        f"CREATE TRIGGER slow_{table} AFTER INSERT ON {table} BEGIN SELECT total FROM slow; END;"
        for table in ("patient", "registered")
    )
    count = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) SELECT sum(i) AS total FROM n"
    )
    change(file, f"CREATE VIEW slow AS {count}; {triggers}")


def make_fast(file: Path) -> None:
    """As it was."""
    change(file, "DROP TRIGGER slow_patient; DROP TRIGGER slow_registered; DROP VIEW slow;")
