"""Whatever a page, a message or an alert says to read is there: the file, and the heading in it."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("bench", "catalogue", "chassis", "contracts", "deploy", "docs", "eventlog", "ops", "services", "tests")
PAGES = sorted([*ROOT.glob("*.md"), *(page for room in ROOMS for page in (ROOT / room).rglob("*.md"))])
SAYING = sorted(
    path for room in ROOMS for kind in ("py", "yaml", "toml", "md") for path in (ROOT / room).rglob(f"*.{kind}")
)
NAMED = re.compile(r"(?:(?<![\w/.])|(?<=https://git\.example/medonline/))docs/[\w./-]+\.md(?:#[\w-]+)?")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


@cache
def anchors(page: Path) -> frozenset[str]:
    """The headings of a page, as an address names them where the repository is shown (GitHub, GitLab, Gitea)."""
    seen = Counter[str]()
    found = set()
    for heading in re.findall(r"^#{1,6} (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE):
        words = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        found.add(f"{words}-{seen[words]}" if seen[words] else words)
        seen[words] += 1
    return frozenset(found)


def leads_somewhere(base: Path, target: str) -> bool:
    """Whether the file of a relative address is there, and the heading where it names one."""
    path, _, heading = target.partition("#")
    file = (base / path).resolve() if path else base
    return file.exists() and (not heading or heading in anchors(file))


def links(page: Path) -> Iterator[str]:
    """The relative addresses of a page's links and pictures."""
    text = re.sub(r"`[^`\n]*`", "``", FENCE.sub("", page.read_text()))
    for target in re.findall(r"\]\(([^()\s]+)\)", text):
        if not re.match(r"\w+:", target):
            yield target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_link_of_a_page_leads_somewhere(page: Path) -> None:
    lost = [to for to in links(page) if not leads_somewhere(page if to.startswith("#") else page.parent, to)]
    assert lost == []


def test_each_page_that_a_message_or_a_comment_names_is_there() -> None:
    named = {(path, target) for path in SAYING for target in NAMED.findall(path.read_text())}
    assert len(named) > 100
    assert [(path.relative_to(ROOT), target) for path, target in named if not leads_somewhere(ROOT, target)] == []


def test_each_test_and_module_that_the_first_page_runs_is_there() -> None:
    page = (ROOT / "README.md").read_text()
    tests = re.findall(r"^ {4}\.venv/bin/pytest (\S+)", page, re.MULTILINE)
    assert "tests/restore" in tests
    assert all(list((ROOT / each).glob("test_*.py")) for each in tests)
    modules = [each.replace(".", "/") for each in re.findall(r"\.venv/bin/python -m (\S+)", page)]
    assert all((ROOT / f"{each}.py").is_file() or (ROOT / each / "__main__.py").is_file() for each in modules)


def test_each_page_of_operations_is_in_their_index() -> None:
    index = ROOT / "docs/operations.md"
    assert {(index.parent / to).resolve().name for to in links(index) if to.startswith("operations/")} >= {
        page.name for page in (ROOT / "docs/operations").glob("*.md")
    }


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One thing\n\n[a](page.md#one-thing) [b](#one-thing) [c](gone.md) [d](page.md#another) [e](#x)\n")
    assert [to for to in links(page) if not leads_somewhere(page if to.startswith("#") else tmp_path, to)] == [
        "gone.md",
        "page.md#another",
        "#x",
    ]
