"""Who may do what in MongoDB follows from the code: a service in its own database, an operator what `ops` does."""

from ops.config import RECORDS_DATABASE
from ops.rights import (
    KEEPS_RECORDS,
    OPERATES,
    REWRITES_LOGS,
    privileges,
    privileges_of_record,
    privileges_to_rewrite,
)
from tests.kubernetes import as_coded
from tests.kubernetes.manifests import PROD, manifests_of, named

MONGODB = named(manifests_of(PROD), "MongoDBCommunity", "mongodb")["spec"]
WITH_LOG = [service for service in as_coded.SERVICES if as_coded.keeps_a_log(service)]
USERS = {user["name"]: user["roles"] for user in MONGODB["users"]}
ROLES = {role["role"]: role for role in MONGODB["security"]["roles"]}


def test_a_service_opens_its_own_database_and_no_other() -> None:
    assert {name: USERS[name] for name in WITH_LOG} == {name: [{"name": "readWrite", "db": name}] for name in WITH_LOG}
    assert USERS.keys() == {*WITH_LOG, "ops", "backup"}


def test_an_operator_reads_all_and_writes_what_the_daily_commands_write() -> None:
    assert USERS["ops"] == [{"name": name, "db": "admin"} for name in (OPERATES, KEEPS_RECORDS)]
    in_order = [role["db"] for role in ROLES[OPERATES]["roles"]]
    assert sorted(in_order) == WITH_LOG
    assert ROLES[OPERATES]["roles"] == [{"name": "read", "db": database} for database in in_order]
    assert ROLES[OPERATES]["privileges"] == privileges({database: database for database in in_order})
    assert ROLES[KEEPS_RECORDS]["privileges"] == privileges_of_record(RECORDS_DATABASE)
    assert ROLES[KEEPS_RECORDS]["roles"] == []


def test_rewriting_logs_is_a_role_of_its_own_that_nobody_has() -> None:
    in_order = [role["db"] for role in ROLES[OPERATES]["roles"]]
    role = ROLES[REWRITES_LOGS]
    assert role["privileges"] == privileges_to_rewrite({database: database for database in in_order})
    assert role["roles"] == []
    assert REWRITES_LOGS not in {held["name"] for roles in USERS.values() for held in roles}


def test_no_role_drops_anything_or_writes_whatever_there_is() -> None:
    privileges_of_all = [privilege for role in ROLES.values() for privilege in role["privileges"]]
    assert all(privilege["resource"]["collection"] for privilege in privileges_of_all)
    assert "dropCollection" not in {action for privilege in privileges_of_all for action in privilege["actions"]}
