"""The signing keys in a folder: each is published before it signs and after it has signed; none signs too early."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from chassis.signing_keys import PUBLISHED_AFTERWARDS, KeyFile, SigningKeys, key_file, key_files, new_key, over, signing
from chassis.token import LIFETIME

START = datetime(2026, 11, 22, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Clock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def add(tmp_path: Path) -> Callable[[KeyFile], str]:
    """Writes a new key's file and says its name."""

    def write(file: KeyFile) -> str:
        (tmp_path / file.name).write_bytes(new_key())
        return file.name

    return write


def kid(keys: SigningKeys) -> str:
    """By which key it signs now."""
    return str(jwt.get_unverified_header(keys.sign({"sub": "account"}))["kid"])


def kids(keys: SigningKeys) -> list[str]:
    """Which keys are published."""
    return [str(key["kid"]) for key in keys.published()]


def test_a_name_says_from_when_on_a_key_signs_to_the_second(tmp_path: Path) -> None:
    file = key_file(START + timedelta(milliseconds=900))
    assert file == KeyFile("signing-20261122T150000Z.pem", START)
    for name in (
        file.name,
        "signing.pem",
        "signing-20261122T150000Z.pem.unfinished",
        "session.key",
        "signing-soon.pem",
    ):
        (tmp_path / name).touch()
    assert key_files(tmp_path) == [KeyFile("signing.pem", None), file]


def test_a_name_of_no_time_stops_nobody(tmp_path: Path, add: Callable[[KeyFile], str], clock: Clock) -> None:
    add(key_file(START))
    (tmp_path / "signing-20269922T150000Z.pem").write_bytes(new_key())
    (tmp_path / "signing-20261122T160000Z.pem").write_bytes(b"no key")
    assert len(kids(SigningKeys(tmp_path, clock=clock))) == 1


def test_a_file_that_cannot_be_opened_stops_nobody(tmp_path: Path, add: Callable[[KeyFile], str], clock: Clock) -> None:
    add(key_file(START))
    (tmp_path / key_file(START + MINUTE).name).mkdir()  # an OSError for root too, whom no mode keeps out
    keys = SigningKeys(tmp_path, read_seconds=0, clock=clock)
    [old] = kids(keys)
    add(key_file(START + 2 * MINUTE))
    with capture_logs() as logs:
        assert (len(kids(keys)), kid(keys)) == (2, old)
    assert logs[0] == {
        "event": "signing_key_unreadable",
        "file": key_file(START + MINUTE).name,
        "error": "IsADirectoryError",
        "log_level": "error",
    }
    assert REGISTRY.get_sample_value("signing_key_files") == 2


def test_a_new_key_is_published_at_once_and_signs_when_its_time_has_come(
    tmp_path: Path, add: Callable[[KeyFile], str], clock: Clock
) -> None:
    add(KeyFile("signing.pem", None))
    keys = SigningKeys(tmp_path, read_seconds=0, clock=clock)
    [old] = kids(keys)
    add(key_file(START + 10 * MINUTE))
    assert (len(kids(keys)), kid(keys)) == (2, old)
    clock.now = START + 10 * MINUTE
    new = kid(keys)
    assert new != old
    clock.now += PUBLISHED_AFTERWARDS - MINUTE
    assert kids(keys) == [old, new]
    clock.now += MINUTE
    assert kids(keys) == [new]


def test_what_is_published_holds_no_private_part_and_says_from_when_on(
    tmp_path: Path, add: Callable[[KeyFile], str], clock: Clock
) -> None:
    add(key_file(START))
    [jwk] = SigningKeys(tmp_path, clock=clock).published()
    assert (jwk["nbf"], "d" in jwk) == (START.timestamp(), False)


def test_a_first_key_whose_time_has_not_come_signs_all_the_same(
    tmp_path: Path, add: Callable[[KeyFile], str], clock: Clock
) -> None:
    add(key_file(START + MINUTE))
    assert kid(SigningKeys(tmp_path, clock=clock))


def test_without_a_key_nothing_starts_and_what_runs_goes_on(
    tmp_path: Path, add: Callable[[KeyFile], str], clock: Clock
) -> None:
    with pytest.raises(ValueError, match="holds no signing key"):
        SigningKeys(tmp_path)
    name = add(key_file(START))
    keys = SigningKeys(tmp_path, read_seconds=0, clock=clock)
    signed_by = kid(keys)
    (tmp_path / name).unlink()
    assert kid(keys) == signed_by
    assert REGISTRY.get_sample_value("signing_key_files") == 0


def test_a_mounted_secret_changes_by_a_link(tmp_path: Path, clock: Clock) -> None:
    """As the kubelet does it: a new folder, then `..data` points to it, all at once."""
    first, second = tmp_path / "..first", tmp_path / "..second"
    mounted = tmp_path / "secrets"
    for folder, file in ((first, key_file(START)), (second, key_file(START + MINUTE))):
        folder.mkdir()
        (folder / file.name).write_bytes(new_key())
    (second / key_file(START).name).write_bytes((first / key_file(START).name).read_bytes())
    mounted.mkdir()
    (mounted / "..data").symlink_to(first)
    (mounted / key_file(START).name).symlink_to(Path("..data") / key_file(START).name)
    keys = SigningKeys(mounted, read_seconds=0, clock=clock)
    assert len(kids(keys)) == 1
    (mounted / "..data_tmp").symlink_to(second)
    os.replace(mounted / "..data_tmp", mounted / "..data")
    (mounted / key_file(START + MINUTE).name).symlink_to(Path("..data") / key_file(START + MINUTE).name)
    assert len(kids(keys)) == 2


def test_the_age_is_that_of_the_key_that_signs(tmp_path: Path, add: Callable[[KeyFile], str], clock: Clock) -> None:
    add(key_file(START))
    keys = SigningKeys(tmp_path, read_seconds=0, clock=clock)
    clock.now = START + 5 * MINUTE
    add(key_file(START + 10 * MINUTE))
    assert keys.age() == 300
    clock.now = START + 11 * MINUTE
    assert REGISTRY.get_sample_value("signing_key_age_seconds") == 60


@given(st.sets(st.integers(-500, 500), min_size=1), st.integers(-600, 2_000))
def test_whatever_keys_there_are_the_one_that_signs_and_those_to_come_are_never_over(
    minutes: set[int], now: int
) -> None:
    files = [key_file(START + minute * MINUTE) for minute in sorted(minutes)]
    at = START + now * MINUTE
    gone = over(files, at)
    assert signing(files, at) not in gone
    assert not [file for file in gone if file.order > at]
    signed_last = {file: newer.order for file, newer in pairwise(files)}
    assert all(signed_last[file] + LIFETIME + 10 * MINUTE < at for file in gone), "a token of it could still be valid"
