"""Keyed hashes: how a login or an address is looked up and counted without being kept.

A phone has ten digits, so an unkeyed hash of it is undone in seconds; the key is a secret of this service alone.
"""

import hmac
import json


class KeyedHash:
    """HMAC-SHA256 under one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("the key of the hashes has fewer than 32 bytes")
        self._key = key

    def digest(self, *parts: str) -> str:
        """64 hex digits; the parts are kept apart, so that no two lists of parts are alike."""
        return hmac.digest(self._key, json.dumps(parts).encode(), "sha256").hex()
