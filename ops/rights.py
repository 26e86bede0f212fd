"""Ops, rights: what the operators' user of MongoDB may do, collection by collection, as the commands need it.

Always it reads all of a service's database, and writes what orders are. So it may change a parked record, which its
service applies as it stands. It drops no collection: MongoDB knows no patterns, so who may drop a generation of a view
may drop a log; a service drops its own. Who may write `projections` may point readers at an empty generation and have a
view dropped, which is built anew from the log. A service believes its log, and how far that was published: whoever may
write these can forge them. That is another role, which `ops log reimport` and `ops log republish` need, and which the
user has for such a night alone (`ops/rewriting.py`); with it comes the ending of passwords.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from eventlog.seal import PLACES
from eventlog.settling import REIMPORTED, SET_ASIDE
from ops.credentials import CREDENTIALS
from ops.record import OUTCOMES, RECORDS

Privilege = dict[str, Any]

KEEPS_RECORDS = "keepsRecords"
OPERATES = "operates"
REWRITES_LOGS = "rewritesLogs"
WITH_PASSWORDS = "settings"
_WRITTEN = {
    "parked": ("update", "remove"),
    "projections": ("update",),
    "state_places": ("remove",),  # a compacted topic is said anew: that can be done any day
}
_REWRITTEN = {
    "events": ("insert", "update", "remove", "createIndex"),
    "reservations": ("createIndex",),  # where all of a database was lost
    PLACES: ("insert", "update"),
    REIMPORTED: ("insert", "update"),
    SET_ASIDE: ("insert", "createIndex"),
}


def privileges(databases: Mapping[str, str]) -> list[Privilege]:
    """Beside reading: what may always be written in the databases, which are named by service."""
    return [each for database in databases.values() for each in _privileges(database, _WRITTEN)]


def privileges_to_rewrite(databases: Mapping[str, str]) -> list[Privilege]:
    """What may be written besides on a night on which logs are rewritten."""
    found = []
    for service, database in databases.items():
        passwords = {CREDENTIALS: ("remove",)} if service == WITH_PASSWORDS else {}
        found += _privileges(database, _REWRITTEN | passwords)
    return found


def privileges_of_record(database: str) -> list[Privilege]:
    """What may be done with the record: nobody but MongoDB's own administrator changes what stands there."""
    return _privileges(database, dict.fromkeys((RECORDS, OUTCOMES), ("find", "insert")))


def covers(held: Iterable[Privilege], wanted: Privilege) -> bool:
    """Whether who holds these, in which a resource may be wider (an empty name: any), may do what is wanted."""
    about = [each for each in held if _is_within(wanted["resource"], each["resource"])]
    actions = {action for each in about for action in each["actions"]}
    return "anyAction" in actions or actions.issuperset(wanted["actions"])


def _is_within(resource: Mapping[str, Any], wider: Mapping[str, Any]) -> bool:
    return wider.get("anyResource") is True or all(
        wider.get(part) in ("", resource[part]) for part in ("db", "collection")
    )


def _privileges(database: str, actions: Mapping[str, tuple[str, ...]]) -> list[Privilege]:
    return [
        {"resource": {"db": database, "collection": collection}, "actions": list(may)}
        for collection, may in actions.items()
    ]
