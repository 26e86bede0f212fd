"""What comes from a registry is brought once, whole or not at all, however many ask for it at the same time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from deploy.local.brought import brought

AT_ONCE = 4


def test_many_who_ask_at_once_bring_it_once_and_all_get_it_whole(tmp_path: Path) -> None:
    together, calls = Barrier(AT_ONCE), []

    def bring(folder: Path) -> Path:
        calls.append(folder)
        (folder / "a").write_text("whole")
        return folder

    def ask(_: int) -> str:
        together.wait()
        return (brought(tmp_path / "cache/it", bring) / "a").read_text()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert list(threads.map(ask, range(AT_ONCE))) == ["whole"] * AT_ONCE
    assert len(calls) == 1


def test_what_could_not_be_brought_whole_leaves_nothing_and_is_brought_the_next_time(tmp_path: Path) -> None:
    def fail(folder: Path) -> Path:
        (folder / "half").touch()
        raise OSError("no network")

    def bring_a_part(folder: Path) -> Path:
        assert not list(folder.iterdir())
        (folder / "part").mkdir()
        (folder / "part/a").touch()
        return folder / "part"

    with pytest.raises(OSError, match="no network"):
        brought(tmp_path / "it", fail)
    assert not (tmp_path / "it").exists()
    assert [path.name for path in brought(tmp_path / "it", bring_a_part).iterdir()] == ["a"]
    assert not (tmp_path / "it.unfinished").exists()
