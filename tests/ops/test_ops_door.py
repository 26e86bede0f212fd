"""How the command line behaves whatever is asked of it: exit codes, one JSON document, plain sentences."""

from pathlib import Path

import pytest

from tests.ops.conftest import World, call

NOWHERE = {"MONGODB_URI": "mongodb://127.0.0.1:1/", "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
UNSET = {"MONGODB_URI": "", "KAFKA_BOOTSTRAP_SERVERS": ""}


@pytest.mark.parametrize("command", [["lag"], ["events", "tail"]])
def test_what_does_not_answer_is_said_in_a_sentence(command: list[str]) -> None:
    answer = call(*command, "--json", **NOWHERE)
    assert answer.exit == 3
    assert "answer" in answer.out
    assert "Traceback" not in answer.out + answer.error


async def test_a_database_that_does_not_answer_is_said_in_a_sentence(world: World) -> None:
    answer = await world.ops("outbox", MONGODB_URI="mongodb://127.0.0.1:1/")
    assert (answer.exit, answer.out) == (3, "")
    assert "MongoDB does not answer" in answer.error


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        (UNSET, "MONGODB_URI, KAFKA_BOOTSTRAP_SERVERS: not set"),
        ({**NOWHERE, "MONGODB_URI": "postgres://secret@host"}, "MONGODB_URI is no address"),
        ({**NOWHERE, "OPS_DATABASES": "{secret"}, "written in JSON"),
        ({**NOWHERE, "OPS_ENV_FILE": "no/such/file"}, "There is no file no/such/file"),
    ],
)
def test_what_is_not_configured_is_named_and_its_content_is_not(environment: dict[str, str], told: str) -> None:
    answer = call("outbox", "--json", **environment)
    assert answer.exit == 2
    assert told in answer.json["error"]["sentence"]
    assert "secret" not in answer.out


async def test_a_file_says_where_everything_is(world: World, tmp_path: Path) -> None:
    file = tmp_path / "ops.env"
    file.write_text("".join(f"{name}='{value}'\n" for name, value in world.environment.items()))
    blank = dict.fromkeys(world.environment, "")
    answer = await world.ops("--env-file", str(file), "outbox", "--json", **blank)
    assert answer.exit == 0
    assert [one["service"] for one in answer.json["outboxes"]] == list(world.databases)


async def test_nobody_is_shown_a_trace_of_a_mistake_of_our_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise ValueError("112-233-445 95")

    monkeypatch.setattr("ops.outbox.outbox_of", fail)
    answer = await world.ops("outbox")
    assert answer.exit == 70
    assert "ValueError in" in answer.error
    assert "112-233" not in answer.out + answer.error


def test_an_unknown_command_is_a_mistake_of_the_caller() -> None:
    assert call("nothing").exit == 2
    assert call("dlq", "redrive", "--everything").exit == 2
