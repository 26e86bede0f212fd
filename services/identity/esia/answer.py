"""What Gosuslugi sends the browser back with: a one-time code, or an error. Pure."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """The person has proved who they are; the code is redeemed once."""

    code: str

    @property
    def sha256(self) -> str:
        """By which the same code is known again without keeping it."""
        return hashlib.sha256(self.code.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Failure:
    """The person has not."""

    error: str
    description: str
