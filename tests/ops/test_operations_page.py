"""docs/operations says what to do about everything that `ops` can say."""

import re
from pathlib import Path

import pytest
import typer

from ops.findings import Code, Finding
from ops.main import app
from ops.problem import Exit

PAGES = Path(__file__).parents[2] / "docs/operations"
ALARMS = (PAGES / "doctor.md").read_text()
COMMANDS = (PAGES / "ops.md").read_text()


def sections() -> dict[str, str]:
    """What stands under each heading of the second level."""
    _, *parts = re.split(r"^## (.+)$", ALARMS, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("code", Code)
def test_each_alarm_has_a_section_that_says_what_to_do(code: Code) -> None:
    section = sections()[code]
    assert len(section.split()) > 20
    assert "Do: " in section or "\nDo:" in section


@pytest.mark.parametrize("code", Code)
def test_each_finding_names_its_section(code: Code) -> None:
    assert Finding(code, "cards", "It is so.").section == f"docs/operations/doctor.md#{code.lower()}"


def test_no_section_is_about_an_alarm_that_is_never_raised() -> None:
    assert {heading for heading in sections() if heading.startswith("OPS-")} == set(Code)


def test_the_table_at_its_top_leads_to_each_alarm() -> None:
    assert sorted(re.findall(r"\(#(ops-[\w-]+)\)", ALARMS.split("\n## ")[0])) == sorted(code.lower() for code in Code)


def test_each_exit_code_is_explained() -> None:
    assert {int(number) for number in re.findall(r"^\| (\d+) \|", COMMANDS, re.MULTILINE)} == {
        int(code) for code in Exit
    }


def options() -> dict[str, set[str]]:
    """What each command takes, by its name, such as `keys rotate`."""
    found = {}
    for name, command in getattr(typer.main.get_command(app), "commands").items():  # noqa: B009
        for sub, each in getattr(command, "commands", {"": command}).items():
            found[f"{name} {sub}".strip()] = {option for parameter in each.params for option in parameter.opts}
    return found


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_what_a_page_says_to_type_is_a_command_with_its_options(page: Path) -> None:
    known = options()
    for line in re.findall(r"(?:^ +|`)ops ([a-z][^`|#\n]*)", page.read_text(), re.MULTILINE):
        words = line.split()
        name = next((name for name in (" ".join(words[:2]), words[0]) if name in known), None)
        assert name is not None, line
        assert {word.split("=")[0] for word in words if word.startswith("--")} <= known[name], line


def test_each_command_is_named_and_no_other() -> None:
    commands = set(options())
    table = COMMANDS.split("| command | |")[1].split("\n\n")[0]
    named: set[str] = set()
    for cell in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE):
        first, *others = re.findall(r"`(?:ops )?([^`]+)`", cell)
        named |= {first, *(f"{first.split()[0]} {other}" for other in others)}
    assert named == commands
