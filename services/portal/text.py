"""How things are written for people: Russian dates, names of things, and plain text as paragraphs and lists."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")
GENDERS = {"male": "мужской", "female": "женский"}


def show_date(day: date | None) -> str:
    """`01.01.1990`; nothing for null."""
    return f"{day:%d.%m}.{day.year:04}" if day else ""


def show_moment(moment: datetime) -> str:
    """`01.01.1990 в 15:30 (по Москве)`."""
    return moment.astimezone(MOSCOW).strftime("%d.%m.%Y в %H:%M (по Москве)")


def show_gender(gender: str | None) -> str:
    """`женский`, `мужской`; nothing for null."""
    return GENDERS.get(gender or "", "")


def short_name(given_name: str, family_name: str) -> str:
    """`Имя Ф.`, as the menu addresses the person."""
    initial = family_name.strip()[:1].upper()
    return f"{given_name.strip()} {initial}." if initial else given_name.strip()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Points:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlainText:
    """A document of plain text: its heading (first line) and what follows."""

    heading: str
    blocks: tuple[Paragraph | Points, ...]


def read_plain_text(text: str) -> PlainText:
    """Paragraphs are divided by blank lines; a line that starts with `- ` is a point of a list."""
    heading, _, rest = text.strip().partition("\n")
    return PlainText(heading.strip(), tuple(_blocks(rest)))


def _blocks(text: str) -> Iterator[Paragraph | Points]:
    paragraph: list[str] = []
    points: list[str] = []
    for line in [*map(str.strip, text.split("\n")), ""]:
        starts_point = line.startswith("- ")
        if paragraph and (starts_point or not line):
            yield Paragraph(" ".join(paragraph))
            paragraph = []
        if points and not line:
            yield Points(tuple(points))
            points = []
        if starts_point:
            points.append(line[2:])
        elif points and line:
            points[-1] += f" {line}"
        elif line:
            paragraph.append(line)
