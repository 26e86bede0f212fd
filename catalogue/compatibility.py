"""FULL_TRANSITIVE: what a subscriber finds broken between a published catalogue and another one.

Added optional fields, events, topics and readers break nothing. Who in our own house reads a topic is told and not
compared: no subscriber sees it.
"""

from collections.abc import Iterator, Sequence

from catalogue.changes import Part, breaks
from catalogue.snapshot import Catalogue, Snapshot, TopicForm


def broken(published: Sequence[Snapshot], today: Catalogue) -> list[str]:
    """A sentence for each thing that today's catalogue breaks, with the number of the first snapshot that had it."""
    first: dict[str, int] = {}
    for snapshot in published:
        for sentence in breaks_since(snapshot.catalogue, today):
            first.setdefault(sentence, snapshot.number)
    return [f"{sentence} (published in {number:04})" for sentence, number in first.items()]


def breaks_since(old: Catalogue, new: Catalogue) -> Iterator[str]:
    """What breaks for whoever subscribed to `old`."""
    for sentence in breaks(old.headers, new.headers, Part("header")):
        yield f"every event: {sentence}"
    for name, topic in old.topics.items():
        yield from _topic_breaks(name, topic, new)
    for type_name, schema in old.schemas.items():
        if type_name in new.schemas:
            for sentence in breaks(schema, new.schemas[type_name], Part("field")):
                yield f"{type_name}: {sentence}"
        elif type_name not in new.upcast:
            yield f"{type_name} is gone: it comes no more, and records of it can no longer be read"


def _topic_breaks(name: str, old: TopicForm, catalogue: Catalogue) -> Iterator[str]:
    new = catalogue.topics.get(name)
    if new is None:
        other = next((other for other, topic in catalogue.topics.items() if topic.events == old.events), None)
        became = f"is called {other} now" if other else "is gone"
        yield f"the topic {name} {became}: whoever subscribed to it hears nothing more"
        return
    if new.key != old.key:
        yield f"{name}: the key was `{old.key}` and is `{new.key}` now: order and compaction go by another thing"
    if new.producer != old.producer:
        yield f"{name}: {old.producer} wrote it and {new.producer} does now: `ce_source` is another one"
    if new.partitions != old.partitions:
        yield f"{name}: had {old.partitions} partitions and has {new.partitions} now: keys move, their order is lost"
    for role in sorted({*old.readers} - {*new.readers}):
        yield f"{name}: {role} may no longer read it"
    for setting in sorted({*old.config, *new.config}):
        if (was := old.config.get(setting)) != (now := new.config.get(setting)):
            yield f"{name}: `{setting}` was {was} and is {now} now: records are kept otherwise than subscribers rely on"
    for type_name in old.events:
        elsewhere = next((at for at, topic in catalogue.topics.items() if type_name in topic.events), name)
        if elsewhere != name:
            yield f"{type_name} comes in {elsewhere} and no more in {name}: subscribers of {name} miss it"
