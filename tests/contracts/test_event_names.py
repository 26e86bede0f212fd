"""Each event is defined once: what it is called is made of its class, and stands as a text nowhere else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from medonline_contracts.envelope import TYPE_PREFIX
from medonline_contracts.topics import EVENT_TYPES

REPOSITORY = Path(__file__).parents[2]
GENERATED = ("contracts/medonline_contracts/schemas", "contracts/medonline_contracts/golden", "contracts/published")
FOLDERS = ("bench", "catalogue", "chassis", "contracts", "deploy", "eventlog", "ops", "services", "tests")
NAMES = {event.__name__ for event in EVENT_TYPES.values()}
AS_TYPE = re.compile(rf"{re.escape(TYPE_PREFIX)}\.\w")
AS_TEXT = re.compile(rf"{AS_TYPE.pattern}|([\"'`])({'|'.join(sorted(NAMES))})\1")
TEXTS = {".html", ".js", ".json", ".mjs", ".toml", ".yaml"}


def files(*suffixes: str) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in (REPOSITORY / folder).rglob("*"):
            name = path.relative_to(REPOSITORY).as_posix()
            if path.suffix in suffixes and not name.startswith(GENERATED) and path.name != "asyncapi.yaml":
                yield path


def texts_in(source: str) -> Iterator[str]:
    """Every text that a Python module holds, but for its docstrings."""
    tree = ast.parse(source)
    said = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in said:
            value = node.value.decode("utf-8", "replace") if isinstance(node.value, bytes) else node.value
            if isinstance(value, str):
                yield value


def names_an_event(text: str) -> bool:
    """Whether it is an event's name, or the type of one, or has such a type in it."""
    return text in NAMES or AS_TYPE.search(text) is not None


@pytest.mark.parametrize("source", ['x = "PasswordSet"', "y = b'ru.medonline.Any.v1'", 'z = f"ru.medonline.{x}"'])
def test_a_name_written_as_a_text_is_found(source: str) -> None:
    source = source.replace("{x}", "X{x}")
    assert any(names_an_event(text) for text in texts_in(source))


def test_no_module_writes_the_name_of_an_event_as_a_text() -> None:
    found = {
        f"{path.relative_to(REPOSITORY)}: {text}"
        for path in files(".py")
        if path != Path(__file__)
        for text in texts_in(path.read_text())
        if names_an_event(text)
    }
    assert not found


def test_no_page_script_or_manifest_writes_the_name_of_an_event() -> None:
    found = {path.relative_to(REPOSITORY).as_posix() for path in files(*TEXTS) if AS_TEXT.search(path.read_text())}
    assert not found
