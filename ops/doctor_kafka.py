"""Ops, the doctor on Kafka: whether topics are as the contracts declare them, and whether every group reads them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from medonline_contracts.topics import Topic
from ops.differences import declared_config, same_setting
from ops.findings import Bounds, Code, Finding
from ops.installation import Installation
from ops.kafka import Group, Kafka
from ops.lag import Lag, groups_of, lags_of
from ops.pointers import Pointer
from ops.problem import Problem


async def kafka_findings(installation: Installation, known: Sequence[Pointer], bounds: Bounds) -> list[Finding]:
    """What is wrong with the broker, the topics and the services' groups."""
    try:
        async with installation.kafka() as kafka:
            found = await topic_findings(kafka, installation.topics)
            building = {one.group(newer) for one in known if (newer := one.newer())}
            expected = {one.group(number) for one in known for number in one.kept}
            names = set(installation.ours(await kafka.group_names())) - set(_gone(known, expected)) | expected
            groups = await groups_of(kafka, sorted(names))
            found += missing_group_findings(installation.topics, groups)
            return found + group_findings(groups, await lags_of(kafka, groups), building, bounds)
    except Problem as problem:
        return [Finding(Code.KAFKA_UNREACHABLE, "kafka", str(problem))]


async def topic_findings(kafka: Kafka, topics: Iterable[Topic]) -> list[Finding]:
    """Whether the topics are there, with the partitions and the configuration of the contracts."""
    there = await kafka.partitions(topic.name for topic in topics)
    found = []
    for topic in topics:
        if topic.name not in there:
            found.append(Finding(Code.TOPIC_MISSING, topic.name, "The topic is not there."))
            continue
        if there[topic.name] != topic.partitions:
            sentence = f"It has {there[topic.name]} partitions, the contracts say {topic.partitions}."
            found.append(Finding(Code.TOPIC_PARTITIONS, topic.name, sentence))
        found += config_findings(topic, await kafka.configuration(topic.name, declared_config(topic)))
    return found


def config_findings(topic: Topic, there: dict[str, str]) -> Iterator[Finding]:
    """Whether each setting is what the contracts say."""
    for name, wanted in declared_config(topic).items():
        if not same_setting(there.get(name), wanted):
            sentence = f"{name} is {there.get(name)!r}, the contracts say {wanted!r}."
            yield Finding(Code.TOPIC_CONFIG, topic.name, sentence)


def missing_group_findings(topics: Iterable[Topic], groups: Sequence[Group]) -> Iterator[Finding]:
    """Whether each service that the contracts name as a topic's reader reads it."""
    for topic in topics:
        for service in topic.consumers:
            if not any(topic.name in group.topics() for group in groups if group.name.split(".")[0] == service):
                yield Finding(Code.GROUP_MISSING, service, f"No group of {service} has ever read {topic.name}.")


def group_findings(groups: Sequence[Group], lags: Sequence[Lag], building: set[str], bounds: Bounds) -> list[Finding]:
    """Whether each group has a member, keeps up, and finds what it has to read; one that is built may be behind."""
    of_group: dict[str, list[Lag]] = defaultdict(list)
    for lag in lags:
        of_group[lag.group].append(lag)
    found = []
    for group in groups:
        behind = sum(lag.lag for lag in of_group[group.name])
        if not group.members:
            sentence = f"No process reads for this group, which is {behind} events behind."
            found.append(Finding(Code.GROUP_EMPTY, group.name, sentence))
        elif behind > bounds.lag and group.name not in building:
            found.append(Finding(Code.GROUP_LAG, group.name, f"The group is {behind} events behind."))
        if lost := [f"{lag.topic}/{lag.partition}" for lag in of_group[group.name] if lag.lost]:
            sentence = f"What it has to read next is not, or never was, in {', '.join(lost)}."
            found.append(Finding(Code.HISTORY_LOST, group.name, sentence))
    return found


def _gone(known: Iterable[Pointer], expected: set[str]) -> Iterator[str]:
    """The groups of generations that were retired: they have no member and need none."""
    for one in known:
        for number in range(1, one.latest + 1):
            if one.group(number) not in expected:
                yield one.group(number)
