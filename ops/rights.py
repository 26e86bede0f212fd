"""Ops, rights: what the operators' user of MongoDB may do, collection by collection, as the commands need it.

It reads all of a service's database, and writes what orders, reimport and the page for operators write. It writes no
session, account or password directly, though it may end a password. But the logs it writes, and how far each was
published, and a service believes its log: who has this user's password can forge it, and has to be kept from it as from
the backup's.
"""

from collections.abc import Mapping
from typing import Any

from eventlog.seal import PLACES
from eventlog.settling import REIMPORTED, SET_ASIDE
from ops.credentials import CREDENTIALS
from ops.record import OUTCOMES, RECORDS

Privilege = dict[str, Any]

KEEPS_RECORDS = "keepsRecords"
OPERATES = "operates"
WITH_PASSWORDS = "settings"
WITH_VIEWS = ("cards", "settings")
_WRITTEN = {
    "events": ("insert", "update", "remove", "createIndex"),  # reimport; "Kafka lost events" of the page
    "reservations": ("createIndex",),  # reimport, where all of a database was lost
    PLACES: ("insert", "update", "remove"),
    REIMPORTED: ("insert", "update"),
    SET_ASIDE: ("insert", "createIndex"),
    "parked": ("update", "remove"),
    "projections": ("update",),
    "state_places": ("remove",),
}


def privileges(databases: Mapping[str, str]) -> list[Privilege]:
    """Beside reading: what may be written in the databases, which are named by service.

    A generation of a view may have any number, and MongoDB knows no patterns: so it may drop any collection where
    there are views.
    """
    found = []
    for service, database in databases.items():
        passwords = {CREDENTIALS: ("remove",)} if service == WITH_PASSWORDS else {}
        views = {"": ("dropCollection",)} if service in WITH_VIEWS else {}
        found += _privileges(database, _WRITTEN | passwords | views)
    return found


def privileges_of_record(database: str) -> list[Privilege]:
    """What may be done with the record: nobody but MongoDB's own administrator changes what stands there."""
    return _privileges(database, dict.fromkeys((RECORDS, OUTCOMES), ("find", "insert")))


def _privileges(database: str, actions: Mapping[str, tuple[str, ...]]) -> list[Privilege]:
    return [
        {"resource": {"db": database, "collection": collection}, "actions": list(may)}
        for collection, may in actions.items()
    ]
