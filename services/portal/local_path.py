"""Paths within the portal: where a person may be sent back to. Nothing else is followed, whoever asks for it."""

import re
from urllib.parse import urlencode

_LOCAL = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f\x7f]*")
LONGEST = 2_000


def local_path(wanted: str | None, otherwise: str) -> str:
    """`wanted` where it is a path of this portal (one leading slash, no backslash, no control or white space)."""
    return wanted if wanted and len(wanted) <= LONGEST and _LOCAL.fullmatch(wanted) else otherwise


def with_query(path: str, **parameters: object) -> str:
    """The path with the parameters that are not null added to its query."""
    query = urlencode({name: value for name, value in parameters.items() if value is not None})
    path, hash_mark, fragment = path.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{query}{hash_mark}{fragment}" if query else path + hash_mark + fragment
