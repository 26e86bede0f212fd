"""Gosuslugi stand-in: the demonstration people, read from a JSON file that can be replaced or edited at any time.

Each account holds what ESIA would answer, verbatim: `person` (`/rs/prns/{oid}`), `contacts` (`/ctts`) and
`documents` (`/docs`), beside what signs it in (`login`, `password`) and a `note` in Russian saying what is special.
"""

import json
import logging
import secrets
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError, model_validator

from deploy.local.esia.logins import readings

log = logging.getLogger(__name__)


class Element(BaseModel):
    """A contact (`MBT`, `EML`) or a document (`RF_PASSPORT`, `FID_DOC`, `MDCL_PLCY`, …) with ESIA's own fields."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: int
    type: str
    vrfStu: str = "NOT_VERIFIED"  # ESIA's own spelling
    value: str = ""

    def as_esia(self) -> dict[str, JsonValue]:
        """The element as the file has it."""
        return self.model_dump(exclude_unset=True)


class Account(BaseModel):
    """One ESIA account. `typ` is the subject's type: `P` a person, `L` someone acting for an organisation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    oid: int = Field(gt=0)
    login: str
    password: str = Field(min_length=1)
    note: str
    typ: str = "P"
    person: dict[str, JsonValue]
    contacts: tuple[Element, ...] = ()
    documents: tuple[Element, ...] = ()

    @model_validator(mode="after")
    def can_be_sent_a_code(self) -> Self:
        if not self.code_goes_to:
            raise ValueError(f"account {self.oid} needs a contact of type MBT or EML: the code goes there")
        return self

    @property
    def full_name(self) -> str:
        names = (self.person.get(part) for part in ("lastName", "firstName", "middleName"))
        return " ".join(str(name) for name in names if name)

    @property
    def trusted(self) -> bool:
        return self.person.get("trusted") is True

    @property
    def code_goes_to(self) -> str:
        """The phone (without one the e-mail) that confirmation codes are sent to; confirmed ones first."""
        ranked = sorted(self.contacts, key=lambda c: (c.type != "MBT", c.vrfStu != "VERIFIED"))
        return next((c.value for c in ranked if c.type in {"MBT", "EML"}), "")

    @cached_property
    def logins(self) -> frozenset[str]:
        """Every login that opens this account, in the form of `logins.readings`."""
        confirmed = [c.value for c in self.contacts if c.vrfStu == "VERIFIED"]
        snils = [str(self.person["snils"])] if self.person.get("snils") else []
        return frozenset().union(*(readings(text) for text in (self.login, *confirmed, *snils)))


ACCOUNTS = TypeAdapter(tuple[Account, ...])


def read_people(text: str) -> tuple[Account, ...]:
    """The accounts of a people file. Raises ValueError for anything that is not one."""
    accounts = ACCOUNTS.validate_python(json.loads(text))
    twice = [oid for oid, times in Counter(account.oid for account in accounts).items() if times > 1]
    if twice:
        raise ValueError(f"these oids stand there twice: {twice}")
    return accounts


class PeopleFile:
    """The file, read again whenever it changed on disk: a person can be edited between two sign-ins."""

    def __init__(self, path: Path) -> None:
        """Raises OSError or ValueError when the file cannot be read."""
        self._path = path
        self._stamp = self._stamp_now()
        self._accounts = read_people(path.read_text(encoding="utf-8"))

    def accounts(self) -> tuple[Account, ...]:
        try:
            stamp = self._stamp_now()
            if stamp != self._stamp:
                self._accounts = read_people(self._path.read_text(encoding="utf-8"))
                self._stamp = stamp
        except (OSError, ValueError, ValidationError):
            # Half written, most likely: the next look reads it again. The content is not logged: it names people.
            log.warning("the people file cannot be read just now, the last good one stays")
        return self._accounts

    def by_oid(self, oid: int) -> Account | None:
        return next((account for account in self.accounts() if account.oid == oid), None)

    def by_password(self, login: str, password: str) -> Account | None:
        """The account that this login and password open. Of people who share a login, the one whose password it is."""
        wanted = readings(login)
        for account in self.accounts():
            right = secrets.compare_digest(account.password.encode(), password.encode())
            if right and wanted & account.logins:
                return account
        return None

    def _stamp_now(self) -> tuple[int, int, int]:
        stat = self._path.stat()
        return stat.st_mtime_ns, stat.st_size, stat.st_ino
