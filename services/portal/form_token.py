"""The form token: whose page a form came from. Every form of a signed-in person carries one (against CSRF).

It also keeps a stale tab harmless: what one person left open is refused after another has signed in.
"""

import hashlib
import hmac

FIELD = "form_token"


class FormTokens:
    """Issues and reads tokens: the account's id and a MAC over it, made with a key of the portal's own."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"form-token", hashlib.sha256)

    def issue(self, account_id: str) -> str:
        """The token for a form shown to this person."""
        return f"{account_id}.{self._mac(account_id)}"

    def owner(self, token: str) -> str | None:
        """The account whose form it was; null where the token is not ours."""
        account_id, _, mac = token.rpartition(".")
        return account_id if hmac.compare_digest(mac.encode(), self._mac(account_id).encode()) else None

    def _mac(self, account_id: str) -> str:
        return hmac.new(self._key, account_id.encode(), hashlib.sha256).hexdigest()
