"""The dropping: the end of a generation, on an order that stands in the pointer until nothing is left of it.

`ops` writes the order once no process reads for the generation any more. Each step may be repeated: whoever dies on the
way, or does it beside another process, spoils nothing. Before each step the pointer is asked anew: what is read or kept
current stays, and its order goes, lest it be carried out on the day on which another one is read. Between question and
step nothing becomes so: `ops` lets only what is kept be read, and begins no number twice.
"""

import structlog
from pymongo import timeout
from pymongo.errors import PyMongoError

from eventlog.projection import Views

log = structlog.get_logger(__name__)

DROP_SECONDS = 5.0  # for all of it: the generation that is read must not wait


async def drop_ordered(views: Views) -> None:
    """Carry out the orders that were seen last; what MongoDB does not do now is tried again at the next look."""
    with timeout(DROP_SECONDS):
        for number in views.to_drop:
            try:
                await _drop(views, number)
            except PyMongoError as error:
                failed = type(error).__name__
                log.warning("generation_not_dropped", group=views.generation(number).group, error=failed)


async def _drop(views: Views, number: int) -> None:
    generation = views.generation(number)
    for step in (*generation.drops(), generation.forget_parked):
        kept = await views.refresh()
        if number not in views.to_drop:  # another process has done it
            return
        if number in kept | {views.active}:
            log.warning("generation_stays", group=generation.group)
            break
        await step()
    else:
        log.info("generation_dropped", group=generation.group)
    await views.forget_order(number)
