"""Local stand, topics: creates on a broker the topics that the contracts declare; what exists already is left alone."""

from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from eventlog.access import KafkaAccess
from medonline_contracts.topics import Topic


async def create_topics(kafka: KafkaAccess, topics: Iterable[Topic]) -> None:
    """Raises aiokafka's KafkaError where the broker refuses one for another reason than that it exists."""
    wanted = [NewTopic(topic.name, topic.partitions, 1, topic_configs=dict(topic.config)) for topic in topics]
    admin = AIOKafkaAdminClient(**kafka.options())
    await admin.start()
    try:
        answer = await admin.create_topics(wanted)
    finally:
        await admin.close()
    for name, code, message in answer.topic_errors:
        if code and code != TopicAlreadyExistsError.errno:
            raise for_code(code)(f"{name}: {message}")
