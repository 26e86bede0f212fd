"""Ops, reasons: the words with which an operator says why. They are kept for years, so they must not name a person."""

import re
from typing import Annotated

import typer

from ops.problem import Exit, Problem

LONGEST = 500
Reason = Annotated[
    str | None,
    typer.Option("--reason", help="Why, in your own words; it is recorded with who did it. Nothing of a person in it."),
]

_GAP = r"[\s().,:;/_‐-―−-]{0,3}"
_OURS = re.compile(r"\b(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=\d*[a-f])[0-9a-f]{16,})\b", re.IGNORECASE)
_PERSONAL = [
    re.compile(rf"(?<!\d){form}(?!\d)")
    for form in (
        _GAP.join((r"\d{3}", r"\d{3}", r"\d{3}", r"\d{2}")),  # СНИЛС
        rf"(?:\+?[78]{_GAP})?" + _GAP.join((r"\d{3}", r"\d{3}", r"\d{2}", r"\d{2}")),  # a phone as Russians write it
        r"\+\d(?:[\s().-]{0,2}\d){8,14}",  # and as others do
        _GAP.join((r"\d{2}", r"\d{2}", r"(?:№|N)?", r"\d{6}")),  # a passport
        _GAP.join([r"\d{4}"] * 4),  # the number of a policy
        r"\d{10,}",
    )
] + [re.compile(r"[\w.+-]+@[\w-]+\.\w")]


def looks_personal(text: str) -> bool:
    """Whether it holds what could be a phone, an e-mail address, СНИЛС, a passport or a policy; it knows no names."""
    told = _OURS.sub("", text)
    return any(form.search(told) for form in _PERSONAL)


def require_reason(reason: str | None) -> str:
    """The reason as it is kept. Raises Problem where there is none, or one that may not be kept; it is not repeated."""
    said = " ".join((reason or "").split())
    if not said:
        raise Problem(Exit.USAGE, "Say why: --reason TEXT. It is recorded, with who did what and when.")
    if len(said) > LONGEST or not said.isprintable():
        raise Problem(Exit.USAGE, f"--reason is a sentence of {LONGEST} characters at most.")
    if looks_personal(said):
        raise Problem(
            Exit.USAGE,
            "--reason holds what looks like a phone, an e-mail address or the number of a document. It is kept for "
            "years: say it without, and name an account or a card by its id.",
        )
    return said
