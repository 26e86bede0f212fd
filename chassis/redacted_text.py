"""Redacted text: what in a text may be a person's number, address, name or secret, and what identifies a request.

Logs are written in English, so a word in Cyrillic is somebody's. Ten digits and more are taken for a phone, a СНИЛС, a
policy or a passport, whatever stands between them; ids and traces have a form of their own and stay.
"""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import get_args
from urllib.parse import unquote

from pydantic_core.core_schema import ErrorType

GONE = "***"
LONGEST = 4_000  # characters; more of a text tells nobody more
DECODED_TIMES = 3
DOCUMENTS_AT_MOST = 20

_WORD = re.compile(r"[A-ZА-ЯЁ]?[a-zа-яё]+|[A-ZА-ЯЁ]+")
_SECRET = re.compile("password|passwd|pwd|secret|token|grant|credential|cookie|authorization|otp|пароль")
_OF_A_PERSON = re.compile(
    "snils|enp|oms|policy|passport|document|series|phone|mobile|tel|e?mail|contact|oid|login|session|person|patient|holder"
    "|(first|last|middle|full|sur)name|patronymic|fio|birth(date|day)?|address"
    "|снилс|енп|омс|полис|паспорт|телефон|почта|логин|фамилия|имя|отчество|фио|адрес|рождения"
)
_WHOSE_NAME = frozenset({"first", "last", "middle", "family", "given", "full", "user"})
_BARE = (["name"], ["number"])

_GAP = r"[\s\x00-\x1f\-\u00ad\u2010-\u2015\u2212\u200b-\u200f\u2060\ufeff.()+/_]{0,3}"
_NUMBER = re.compile(rf"\+?\d(?:{_GAP}\d){{9,}}")
_EMAIL = re.compile(r"(?<![^\s@\"'<>:=])[^\s@\"'<>:=]+@[^\s@\"'<>]+\.\w+")
_IN_ADDRESS = re.compile(r"(?<=://)[^/\s@]+@")
_TOKEN = re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?")
_CYRILLIC = re.compile(r"[Ѐ-ӿ]+(?:[\s.,'’-]+[Ѐ-ӿ]+)*")
_KEY = re.compile(  # `key=`, `'key': `, `data.key: `, `key 7`
    r"(?<![\w.])(?:[\w.]+\.)?(?P<name>\w+)(?:\\*[\"']?\s*[:=]\s*\\*|\s+(?=[+(]?\d))"
)
_VALUE = re.compile(
    r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\[[^\]]*\]?|\{[^}]*\}?|\([^)]*\)?"
    r"|[^\s,;&}\]]+(?:\s+[A-Z0-9(][\w.'()-]*)*"  # with the words behind it that could be names
)
_REASONS = frozenset(get_args(ErrorType))  # the kinds of errors, which operators need; none of them is a name
_IDENTIFIER = re.compile(  # a moment, a trace, a UUID, an object id or a hash: its digits are nobody's number
    r"((?<![0-9A-Za-z])(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,6})?)?"
    r"|00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=[0-9]*[a-f])[0-9a-f]{16}(?:[0-9a-f]{8}|[0-9a-f]{16}|[0-9a-f]{48})?)(?![0-9A-Za-z@]))",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_HARMLESS = re.compile(r"[A-Za-z0-9_.*/ {}-]{0,9}|[A-Za-z_./ {}-]*")

Redact = Callable[[object], object]


@lru_cache(1_000)
def is_personal(key: str) -> bool:
    """Whether what goes by this name is a person's: `snils`, `family_name`, `birthDate`, `телефон`."""
    words = _words_of(key)
    whose = "name" in words and not _WHOSE_NAME.isdisjoint(words)
    return whose or words in _BARE or _is_secret(key) or any(map(_OF_A_PERSON.fullmatch, words))


@lru_cache(1_000)
def _is_secret(key: str) -> bool:
    return any(map(_SECRET.fullmatch, _words_of(key)))


def _words_of(key: str) -> list[str]:
    """In small letters and the singular."""
    words = [word.lower() for word in _WORD.findall(key)]
    return [word if _OF_A_PERSON.fullmatch(word) else word.removesuffix("s").removesuffix("se") for word in words]


def redact_text(text: str, redact: Redact | None = None) -> str:
    """The text without what may be a person's; a JSON document in it is replaced by what `redact` makes of it."""
    text = text[:LONGEST]
    if _HARMLESS.fullmatch(text) or _IDENTIFIER.fullmatch(text):
        return text
    if redact:
        text = _with_documents(text, redact)
    plain = _decoded(text)
    masked = _masked(plain)
    return masked if masked != plain else text  # what holds nothing personal stays as it was written


def _decoded(text: str) -> str:
    for _ in range(DECODED_TIMES):
        decoded = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), unquote(text))
        if decoded == text:
            break
        text = decoded
    return text


def _masked(text: str) -> str:
    text = _without_values(_TOKEN.sub(GONE, _IN_ADDRESS.sub(f"{GONE}@", text)))
    pieces = _IDENTIFIER.split(_CYRILLIC.sub(GONE, _EMAIL.sub(GONE, text)))
    return "".join(piece if index % 2 else _NUMBER.sub(GONE, piece) for index, piece in enumerate(pieces))


def _without_values(text: str) -> str:
    done, place = "", 0
    while said := _KEY.search(text, place):
        done, place = done + text[place : said.end()], said.end()
        value = _VALUE.match(text, place) if is_personal(said["name"]) else None
        if value and not _is_reason(said, value):
            done, place = done + GONE, value.end()
    return done + text[place:]


def _is_reason(said: re.Match[str], value: re.Match[str]) -> bool:
    """Whether it is what a validation says of a field, `person.snils: missing`; never what stands in an address."""
    return said[0].endswith(": ") and value[0] in _REASONS and not _is_secret(said["name"])


def _with_documents(text: str, redact: Redact) -> str:
    """Each JSON document in the text with what is personal in it gone; anything else is left as it is."""
    decoder, done, place = json.JSONDecoder(), "", 0
    for _ in range(DOCUMENTS_AT_MOST):
        begins = min((at for at in (text.find("{", place), text.find("[", place)) if at >= 0), default=-1)
        if begins < 0:
            break
        try:
            found, ends = decoder.raw_decode(text, begins)
        except (ValueError, RecursionError):
            done, place = done + text[place : begins + 1], begins + 1
            continue
        redacted = redact(found)
        said = text[begins:ends] if redacted == found else json.dumps(redacted, ensure_ascii=False)
        done, place = done + text[place:begins] + said, ends
    return done + text[place:]
