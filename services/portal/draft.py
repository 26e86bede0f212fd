"""The draft: what had been filled in when the session ended or nobody answered, kept encrypted in the browser.

It belongs to one account and one form, lives fifteen minutes and never holds a password.
"""

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken

LIFETIME = timedelta(minutes=15)
LARGEST = 3_800  # a browser keeps 4,096 bytes of one cookie, its name and attributes included


@dataclass(frozen=True, slots=True)
class Draft:
    """The form's path, the account that filled it in, and the fields."""

    path: str
    account_id: str
    fields: Mapping[str, str]


class Drafts:
    """Seals and opens drafts with a key of the portal's own."""

    def __init__(self, key: bytes) -> None:
        self._cipher = Fernet(base64.urlsafe_b64encode(hmac.digest(key, b"draft", hashlib.sha256)))

    def seal(self, draft: Draft, now: datetime) -> str | None:
        """The cookie's value; null where the fields are too much for a cookie."""
        fields = {name: value for name, value in draft.fields.items() if "password" not in name and value}
        content = json.dumps([draft.path, draft.account_id, fields], ensure_ascii=False).encode()
        sealed = self._cipher.encrypt_at_time(zlib.compress(content, 9), int(now.timestamp())).decode()
        return sealed if len(sealed) <= LARGEST else None

    def open(self, sealed: str, now: datetime) -> Draft | None:
        """The draft; null where it is not ours or its time is over."""
        try:
            packed = self._cipher.decrypt_at_time(
                sealed.encode(), ttl=int(LIFETIME.total_seconds()), current_time=int(now.timestamp())
            )
        except InvalidToken:
            return None
        path, account_id, fields = json.loads(zlib.decompress(packed))
        return Draft(path, account_id, fields)
