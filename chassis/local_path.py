"""Paths within the portal: where a person may be sent back to. Nothing else is followed, whoever asks for it."""

import re
from urllib.parse import urlencode

_UNSAFE = re.compile(r"[\s\\\x00-\x20\x7f-\x9f]")
LONGEST = 2_000


def local_path(text: str) -> str:
    """The path, if no browser can read it as another site's address; raises `ValueError`.

    It begins with one slash, and nowhere before the query do two stand together; it holds no backslash, which browsers
    take for a slash, and no white space or control character, which they drop.
    """
    path = text.partition("?")[0]
    if len(text) > LONGEST or not path.startswith("/") or "//" in path or _UNSAFE.search(text):
        raise ValueError("Вернуться можно только на страницу портала")
    return text


def local_path_or(wanted: str | None, otherwise: str) -> str:
    """`wanted` where it is a path within the portal, else `otherwise`."""
    try:
        return local_path(wanted or "")
    except ValueError:
        return otherwise


def with_query(path: str, **parameters: object) -> str:
    """The path with the parameters that are not null added to its query."""
    query = urlencode({name: value for name, value in parameters.items() if value is not None})
    path, hash_mark, fragment = path.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{query}{hash_mark}{fragment}" if query else path + hash_mark + fragment
