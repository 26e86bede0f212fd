"""The checklist can be typed as it stands: each pod is opened before its lines, and what was stopped goes on again."""

import pytest

from ops.rights import REWRITES_LOGS
from tests.restore.checklist import commands


@pytest.mark.parametrize(
    ("tool", "pod"), [("mongosh", "deployment/restore"), ("mongorestore", "deployment/restore"), ("ops", "ops-0")]
)
def test_a_terminal_is_opened_in_a_pod_before_its_first_line_is_typed(tool: str, pod: str) -> None:
    said = commands()
    opened = next(n for n, command in enumerate(said) if {"exec", pod} <= set(command))
    assert opened < next(n for n, command in enumerate(said) if command[0] == tool)


@pytest.mark.parametrize(
    ("off", "on"),
    [
        ('{"spec":{"suspend":true}}', '{"spec":{"suspend":false}}'),
        ("autoscaling.keda.sh/paused-replicas=0", "autoscaling.keda.sh/paused-replicas-"),
    ],
)
def test_backups_and_scaling_stop_before_anything_is_destroyed_and_go_on_at_the_end(off: str, on: str) -> None:
    said = commands()
    stopped, goes_on = (next(n for n, command in enumerate(said) if word in command) for word in (off, on))
    assert stopped < next(n for n, command in enumerate(said) if command[0] == "mongosh")
    assert goes_on > max(
        n for n, command in enumerate(said) if command[:3] == ["ops", "log", "reimport"] and "--yes" in command
    )


def test_the_user_of_the_night_is_dropped_before_its_pod_goes() -> None:
    said = commands()
    dropped = next(n for n, command in enumerate(said) if command[0] == "mongosh" and "dropUser" in command[-1])
    assert dropped < next(n for n, command in enumerate(said) if {"delete", "deployment/restore"} <= set(command))


def test_the_right_to_rewrite_logs_is_taken_by_that_user_and_looked_for_after_it() -> None:
    said = commands()
    taken = next(n for n, command in enumerate(said) if f'"{REWRITES_LOGS}"' in command[-1])
    assert said[taken][-1].index("revokeRolesFromUser") < said[taken][-1].index("dropUser")
    looked = max(n for n, command in enumerate(said) if command[:3] == ["ops", "log", "reimport"])
    assert said[looked - 1] == said[taken]
    assert "--yes" not in said[looked]


def test_nothing_is_applied_but_what_is_mongodbs() -> None:
    applied = [command for command in commands() if command[:2] == ["kubectl", "apply"]]
    assert applied
    assert all(command[-2:] == ["-l", "app.kubernetes.io/name=mongodb"] for command in applied)
