"""Ops, the doctor on logs and their topics: whether each topic holds what its log knows, and nothing else.

It looks where the service's relay would look: from where that has come to the end.
"""

import asyncio

from pymongo.errors import PyMongoError

from eventlog.seal import PLACES
from eventlog.tail import TopicBehind, compare, starts_of
from medonline_contracts.topics import Topic
from ops.findings import Code, Finding
from ops.installation import Installation
from ops.problem import Problem
from ops.survey import events_topic, tail_of


async def log_findings(installation: Installation) -> list[Finding]:
    """What is wrong between the logs and their topics; a topic that is not there is found elsewhere."""
    asked = [_findings(installation, events_topic(installation, service)) for service in installation.databases]
    return [finding for found in await asyncio.gather(*asked) for finding in found]


async def _findings(installation: Installation, topic: Topic) -> list[Finding]:
    place = await installation.databases[topic.producer][PLACES].find_one({"_id": topic.name}) or {}
    try:
        if refusal := await _refusal(installation, topic, place.get("next", {})):
            return [Finding(Code.TOPIC_AHEAD, topic.name, f"{refusal}.")]
    except TopicBehind as error:
        return [Finding(Code.TOPIC_BEHIND, topic.name, f"{error}.")]
    except (Problem, PyMongoError):  # it has just gone, or is not there: that is said elsewhere
        return []
    if "sealed" in place:
        return [Finding(Code.LOG_SEALED, topic.producer, f"Its log takes no new events: {place['sealed']}.")]
    return []


async def _refusal(installation: Installation, topic: Topic, reached: dict[str, int]) -> str | None:
    events = installation.databases[topic.producer]["events"]
    async with tail_of(installation, topic) as tail:
        firsts, ends = await tail.firsts(), await tail.ends()
        async for records in tail.batches(starts_of(topic, reached, firsts, ends), ends):
            if refusal := (await compare(topic, events, records)).refusal():
                return refusal
    return None
