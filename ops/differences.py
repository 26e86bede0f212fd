"""Ops, differences between what the contracts declare and what a broker has: topics, their settings, and rights."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from medonline_contracts.topics import HOSPITAL, Topic
from ops.acls import ALLOW, PREFIXED, Acl, acl_of
from ops.config import SERVICES
from ops.grants import KEDA, OPERATORS, Operation, Resource, grants_of
from ops.kafka import Partition, Setting
from ops.problem import Problem

MIN_IN_SYNC = "min.insync.replicas"
_USERS = (*SERVICES, OPERATORS)
_NAMED = (Resource.TOPIC, Resource.GROUP, Resource.TRANSACTIONAL_ID)


@dataclass(frozen=True, slots=True)
class Difference:
    """What is otherwise than declared, and how that is mended; Kafka's own tools are named without their address."""

    subject: str
    sentence: str
    mend: str


def declared_config(topic: Topic) -> dict[str, str]:
    """The settings that a topic has to have; what is kept for ever must not be deleted for its size either."""
    for_ever = {"retention.bytes": "-1"} if topic.config.get("retention.ms") == "-1" else {}
    return topic.config | for_ever


def same_setting(one: str | None, other: str) -> bool:
    """Whether a setting's values mean the same: of a list the order does not matter."""
    return sorted((one or "").split(",")) == sorted(other.split(","))


def partition_differences(topic: Topic, there: Sequence[Partition], replicas: int | None) -> Iterator[Difference]:
    """How many partitions there are, on how many brokers each, and whether those have all that is in it."""
    if len(there) != topic.partitions:
        sentence = f"It has {len(there)} partitions, the contracts say {topic.partitions}."
        mend = "docs/operations/doctor.md#ops-topic-partitions; never add partitions to a live topic"
        yield Difference(topic.name, sentence, mend)
    for partition in there:
        if replicas is not None and partition.replicas != replicas:
            sentence = f"Partition {partition.number} is on {partition.replicas} brokers, it ought to be on {replicas}."
            yield Difference(topic.name, sentence, "kafka-reassign-partitions.sh, or `replicas` of its KafkaTopic")
        if partition.in_sync < partition.replicas:
            sentence = (
                f"Partition {partition.number} is current on {partition.in_sync} of {partition.replicas} brokers."
            )
            yield Difference(topic.name, sentence, "see which broker is away, and its log; it catches up by itself")


def setting_differences(topic: Topic, there: dict[str, Setting], min_in_sync: int | None) -> Iterator[Difference]:
    """Whether each setting is as declared, and whether any is set on the topic that is not declared."""
    wanted = declared_config(topic) | ({MIN_IN_SYNC: str(min_in_sync)} if min_in_sync is not None else {})
    alter = f"kafka-configs.sh --alter --entity-type topics --entity-name {topic.name}"
    for name, value in wanted.items():
        found = there[name].value if name in there else None
        if not same_setting(found, value):
            mend = f"{alter} --add-config {name}={f'[{value}]' if ',' in value else value}"
            yield Difference(topic.name, f"{name} is {found!r}, it ought to be {value!r}.", mend)
    for name, setting in there.items():
        if setting.of_topic and name not in wanted and name != MIN_IN_SYNC:
            sentence = f"{name} is set to {setting.value!r}, the contracts say nothing of it."
            yield Difference(topic.name, sentence, f"{alter} --delete-config {name}")


def missing_topic(topic: Topic) -> Difference:
    """That a topic is not there, or not to be seen."""
    config = " ".join(f"--config {name}={value}" for name, value in topic.config.items())
    mend = f"kafka-topics.sh --create --topic {topic.name} --partitions {topic.partitions} {config}"
    return Difference(topic.name, "The topic is not there.", f"{mend}; if it was there: docs/operations/kafka-lost.md")


def unknown_topics(topics: Iterable[Topic], there: Iterable[str]) -> Iterator[Difference]:
    """Topics called like a service's that the contracts do not know."""
    declared = {topic.name for topic in topics}
    for name in sorted(set(there) - declared):
        if name.split(".")[0] in SERVICES:
            mend = f"if nobody reads it: kafka-topics.sh --delete --topic {name}; it may hold personal data"
            yield Difference(name, "The contracts know no such topic.", mend)


def acl_differences(there: set[Acl], topics: Sequence[Topic]) -> Iterator[Difference]:
    """Rights that our users lack, and rights on what is ours that nobody ought to have."""
    wanted = {acl_of(user, grant) for user in _USERS for grant in grants_of(user, user, topics)}
    for acl in sorted(wanted - there, key=str):
        mend = f"kafka-acls.sh --add {' '.join(acl.arguments())}"
        yield Difference(str(acl.principal), f"Not granted: {acl}.", mend)
    for acl in sorted(there - wanted, key=str):
        if (_is_of_our_user(acl) or _is_on_ours(acl, topics)) and not _is_of_a_guest(acl, topics):
            mend = f"kafka-acls.sh --remove --force {' '.join(acl.arguments())}"
            yield Difference(str(acl.principal), f"Not declared: {acl}.", mend)


def _is_of_our_user(acl: Acl) -> bool:
    return acl.principal in {f"User:{user}" for user in _USERS}


def _is_of_a_guest(acl: Acl, topics: Sequence[Topic]) -> bool:
    """Whether it is what KEDA may have, which shows nothing of a record, or another system of the role `hospital`."""
    if acl.permission_type != ALLOW:
        return False
    if acl.principal == f"User:{KEDA}":
        return acl.is_to(Operation.DESCRIBE)
    user = str(acl.principal).removeprefix("User:")
    try:
        allowed = {acl_of(user, grant) for grant in grants_of(user, HOSPITAL, topics)}
    except Problem:  # one of our own, or a name under which nobody is granted anything
        return False
    return acl in allowed


def _is_on_ours(acl: Acl, topics: Sequence[Topic]) -> bool:
    """Whether it touches our topics, groups or transactions; what others do on the same broker is their matter."""
    if acl.permission_type != ALLOW or not any(acl.is_on(kind) for kind in _NAMED):
        return False
    names = (
        [topic.name for topic in topics] + [f"{service}." for service in SERVICES] + [f"relay.{t.name}" for t in topics]
    )
    pattern = acl.resource_name or ""
    if pattern == "*":
        return True
    if acl.pattern_type == PREFIXED:
        return any(name.startswith(pattern) or pattern.startswith(name) for name in names)
    return pattern in names or pattern.split(".")[0] in SERVICES
