"""Gosuslugi stand-in: which of a person's data the granted scopes open, in ESIA's JSON. Pure.

Everything is passed on as the people file has it: no field is renamed, completed or corrected.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from deploy.local.esia.people import Account, Element

ALWAYS = ("status", "trusted", "verifying", "updatedOn")
PERSON_FIELDS: Mapping[str, tuple[str, ...]] = {
    "fullname": ("lastName", "firstName", "middleName"),
    "birthdate": ("birthDate",),
    "gender": ("gender",),
    "snils": ("snils",),
    "id_doc": ("rIdDoc", "citizenship"),
}
CONTACT_TYPES: Mapping[str, frozenset[str]] = {"mobile": frozenset({"MBT"}), "email": frozenset({"EML"})}
DOCUMENT_TYPES: Mapping[str, frozenset[str]] = {
    "id_doc": frozenset({"RF_PASSPORT", "FID_DOC"}),
    "medical_doc": frozenset({"MDCL_PLCY"}),
}


def person_for(account: Account, scopes: frozenset[str]) -> dict[str, Any]:
    """The answer of `/rs/prns/{oid}`."""
    opened = {*ALWAYS, *(name for scope, names in PERSON_FIELDS.items() if scope in scopes for name in names)}
    return {"stateFacts": ["EntityRoot"], **{k: v for k, v in account.person.items() if k in opened}}


def contacts_for(account: Account, scopes: frozenset[str]) -> list[Element] | None:
    """The contacts that the scopes open; None when they open no contacts at all."""
    return _opened(account.contacts, CONTACT_TYPES, scopes)


def documents_for(account: Account, scopes: frozenset[str]) -> list[Element] | None:
    """The documents that the scopes open; None when they open no documents at all."""
    return _opened(account.documents, DOCUMENT_TYPES, scopes)


def _opened(
    elements: Iterable[Element], types_by_scope: Mapping[str, frozenset[str]], scopes: frozenset[str]
) -> list[Element] | None:
    granted = scopes & types_by_scope.keys()
    if not granted:
        return None
    types = frozenset().union(*(types_by_scope[scope] for scope in granted))
    return [element for element in elements if element.type in types]


def collection(elements: Iterable[Element], at: str, embed: bool) -> dict[str, Any]:
    """The answer of `/ctts` and `/docs`: the elements themselves, or where each is to be fetched."""
    listed: list[Any] = [one(element) if embed else f"{at}/{element.id}" for element in elements]
    return {"stateFacts": ["hasSize"], "size": len(listed), "elements": listed}


def one(element: Element) -> dict[str, Any]:
    """A single contact or document."""
    return {"stateFacts": ["Identifiable"], **element.as_esia()}
