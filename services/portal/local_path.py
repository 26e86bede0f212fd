"""Paths within the portal: where a person may be sent back to. Nothing else is followed, whoever asks for it."""

import re
from urllib.parse import urlencode

_UNSAFE = re.compile(r"[\s\\\x00-\x20\x7f-\x9f]")
LONGEST = 2_000


def local_path(wanted: str | None, otherwise: str) -> str:
    """`wanted` where no browser could read it as another site's address, else `otherwise`.

    It begins with one slash, and nowhere before the query do two stand together; it holds no backslash, which browsers
    take for a slash, and no white space or control character, which they drop.
    """
    if not wanted or len(wanted) > LONGEST or _UNSAFE.search(wanted):
        return otherwise
    path = wanted.partition("?")[0]
    return wanted if path.startswith("/") and "//" not in path else otherwise


def with_query(path: str, **parameters: object) -> str:
    """The path with the parameters that are not null added to its query."""
    query = urlencode({name: value for name, value in parameters.items() if value is not None})
    path, hash_mark, fragment = path.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{query}{hash_mark}{fragment}" if query else path + hash_mark + fragment
