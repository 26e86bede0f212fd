"""The cards' own service, killed between append and answer: `python -m tests.faults.struck_cards`.

It dies at the first append after the file that the environment names (FAULT_ORDER) has appeared.
"""

import os
import signal
from pathlib import Path
from typing import Any

from chassis.roles import run
from eventlog.store import EventStore
from services.cards.main import Config, build


def die_after_append(order: Path) -> None:
    """Wrap the store's append: it appends, and the process is gone."""
    append = EventStore.append

    async def struck(*args: Any, **options: Any) -> Any:
        appended = await append(*args, **options)
        if order.exists():
            order.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return appended

    setattr(EventStore, "append", struck)  # noqa: B010  in this process alone


if __name__ == "__main__":
    die_after_append(Path(os.environ["FAULT_ORDER"]))
    run("cards", Config, build)
