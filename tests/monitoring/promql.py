"""What a PromQL expression asks for, read far enough to compare it with what is exposed: metrics, labels, values.

Whether it is PromQL at all is promtool's matter.
"""

import re
from collections.abc import Iterator

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_BRACES = re.compile(r"\{[^}]*\}|\[[^\]]*\]")
_NAME = re.compile(r"(?<![\w:.$])([a-zA-Z_:][\w:]*)(?![\w:])(?!\s*\()")
_SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}")
_MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_WORDS = frozenset({"and", "or", "unless", "bool", "offset"})


def metrics_in(expr: str) -> set[str]:
    """The names of the series that it reads."""
    bare = _BRACES.sub(" ", _GROUPING.sub(" ", _TEXT.sub('""', expr)))
    return set(_NAME.findall(bare)) - _WORDS


def selected_by(expr: str) -> Iterator[tuple[str, str]]:
    """Each metric with each label that it is selected by."""
    for metric, matchers in _SELECTOR.findall(_TEXT.sub('""', expr)):
        for label in _MATCHER.findall(matchers):
            yield metric, label


def grouped_by(expr: str) -> set[str]:
    """The labels that it groups or joins by."""
    return {label.strip() for labels in _GROUPING.findall(_TEXT.sub('""', expr)) for label in labels.split(",")} - {""}


def values_of(label: str, expr: str) -> set[str]:
    """The values that it selects of a label, each alternative of a pattern by itself."""
    found = re.findall(rf'\b{label}\s*=~?\s*"([^"]*)"', expr)
    return {value for alternatives in found for value in alternatives.split("|")}
