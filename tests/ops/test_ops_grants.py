"""`ops grants`: the rights of a Kafka user, from the contracts alone."""

import pytest

from deploy.local.secrets import KAFKA_ADMIN
from medonline_contracts.topics import HOSPITAL, TOPICS
from ops.grants import OPERATORS, ROLES, Grant, Operation, Resource, grants_of
from ops.problem import Problem
from tests.ops.conftest import call

READ, WRITE = Operation.READ, Operation.WRITE


def test_who_consumes_a_topic_may_read_it() -> None:
    for topic in TOPICS:
        assert set(topic.consumers) <= set(topic.readers), topic.name


def test_what_people_set_at_the_portal_is_no_hospitals_business() -> None:
    granted = {topic.name for topic in TOPICS if HOSPITAL in topic.readers}
    assert granted == {"identity.events", "cards.events", "cards.state"}


@pytest.mark.parametrize("role", [role for role in ROLES if role != OPERATORS])
def test_a_role_reads_what_names_it_or_it_produces_writes_the_latter_and_has_groups_of_its_own(role: str) -> None:
    grants = grants_of(role, role)
    of_topics = {(grant.operation, grant.name) for grant in grants if grant.resource == Resource.TOPIC}
    reads = {(READ, topic.name) for topic in TOPICS if role in (topic.producer, *topic.readers)}
    assert of_topics == reads | {(WRITE, topic.name) for topic in TOPICS if topic.producer == role}
    ids = {grant.name for grant in grants if grant.resource == Resource.TRANSACTIONAL_ID}
    assert ids == {f"relay.{topic.name}" for topic in TOPICS if topic.producer == role}
    groups = [grant for grant in grants if grant.resource == Resource.GROUP]
    assert groups == [Grant(READ, Resource.GROUP, f"{role}.", prefix=True)]


def test_operators_look_at_everything_and_write_nothing() -> None:
    grants = grants_of(OPERATORS, OPERATORS)
    assert {grant.name for grant in grants if grant.operation == READ} == {topic.name for topic in TOPICS}
    assert not [grant for grant in grants if grant.operation == WRITE]
    deleted = {grant.name for grant in grants if grant.operation == Operation.DELETE}
    assert deleted == {"identity.", "settings.", "cards."}


def test_two_hospitals_have_the_same_topics_and_not_each_others_groups() -> None:
    one, other = (set(grants_of(user, HOSPITAL)) for user in ("city-clinic", "city-clinic-2"))
    assert one ^ other == {
        Grant(READ, Resource.GROUP, "city-clinic.", prefix=True),
        Grant(READ, Resource.GROUP, "city-clinic-2.", prefix=True),
    }


@pytest.mark.parametrize(
    ("user", "role"),
    [("cards", HOSPITAL), ("clinic", "clinic"), ("cards.view", HOSPITAL), ("", HOSPITAL), ("ops", "cards")],
)
def test_nobody_is_granted_anothers_groups_or_an_unknown_role(user: str, role: str) -> None:
    with pytest.raises(Problem):
        grants_of(user, role)


@pytest.mark.parametrize("user", [KAFKA_ADMIN, "Admin", "ANONYMOUS", "anonymous"])
@pytest.mark.parametrize("role", [HOSPITAL, OPERATORS])
def test_who_may_do_everything_and_whoever_has_no_name_are_granted_nothing(user: str, role: str) -> None:
    with pytest.raises(Problem, match="grant them nothing"):
        grants_of(user, role)


def test_it_prints_what_kafkas_own_tool_takes() -> None:
    answer = call("grants", "city-clinic", "--as", "hospital")
    assert answer.exit == 0
    assert answer.out.splitlines()[-2:] == [
        "--add --allow-principal User:city-clinic --operation Read --topic cards.state",
        "--add --allow-principal User:city-clinic --operation Read --group city-clinic. "
        "--resource-pattern-type prefixed",
    ]


def test_machines_are_told_the_same() -> None:
    answer = call("grants", "cards", "--json")
    assert {"operation": "Write", "resource": "topic", "name": "cards.events", "pattern": "literal"} in answer.json[
        "grants"
    ]
    refused = call("grants", "nobody", "--json")
    assert (refused.exit, refused.json["error"]["kind"]) == (2, "usage")
