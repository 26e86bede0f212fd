"""A log and its relay, as the tests of their agreement with the topic drive them."""

from eventlog.agreement import Agreement
from eventlog.lease import Lease
from eventlog.process import background
from eventlog.relay import Relay
from eventlog.store import EventStore
from eventlog.supervisor import Looks, supervise
from eventlog.turn import producer_of
from medonline_contracts.topics import Topic
from tests.eventlog.conftest import ORIGIN, event, until
from tests.servers import RealServers
from tests.topics import records_in


def relay_of(store: EventStore, topic: Topic, servers: RealServers) -> Relay:
    agreement = Agreement(store, topic, servers.kafka)
    return Relay(store, agreement, Lease(store.database, topic.name, 1), lambda: producer_of(servers.kafka, topic))


async def append(store: EventStore, stream: str, first: int, last: int) -> None:
    for version in range(first, last + 1):
        await store.append(stream, [event(version)], expected_version=version - 1, origin=ORIGIN)


async def is_published(store: EventStore) -> bool:
    return await store.events.count_documents({"published": False}) == 0


async def versions_in(topic: Topic, servers: RealServers) -> list[int]:
    records = await records_in(servers.kafka, [topic])
    return [int(dict(record.headers)["ce_streamversion"]) for record in records]


async def place_of(store: EventStore, topic: Topic) -> dict[str, int]:
    found = await store.database["relay_places"].find_one({"_id": topic.name})
    assert found
    return dict(found["next"])


async def publish_all(store: EventStore, topic: Topic, servers: RealServers) -> None:
    """Let a relay live until everything is published."""
    async with background(supervise(relay_of(store, topic, servers), Looks())):
        await until(lambda: is_published(store))
