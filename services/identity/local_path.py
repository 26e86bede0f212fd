"""Identity, local paths: where a person may be sent back to after signing in. Pure."""

import re

_UNSAFE = re.compile(r"[\\\x00-\x20\x7f-\x9f\u2028\u2029]")


def local_path(text: str) -> str:
    """The path, if a browser cannot read it as another site's address; raises `ValueError`.

    It begins with one slash, and nowhere before the query do two stand together; it holds no backslash, which browsers
    take for a slash, and no white space or control character, which they drop.
    """
    path = text.partition("?")[0]
    if not path.startswith("/") or "//" in path or _UNSAFE.search(text):
        raise ValueError("Вернуться можно только на страницу портала")
    return text
