"""Ops, rewriting: whether MongoDB lets this user rewrite the log of a service, as it may on some nights alone.

Asked before anything is changed: halfway through, a refusal would leave a log sealed and readers without their places.
"""

from collections.abc import Iterable

from ops.installation import Installation
from ops.problem import Exit, Problem
from ops.rights import REWRITES_LOGS, covers, privileges_to_rewrite
from ops.survey import events_topic

HOW = "docs/operations/ops.md#the-right-to-rewrite-logs"


async def may_rewrite(installation: Installation, service: str) -> bool:
    """Whether the user has every right of the role in the database of this service, by whatever roles it has them.

    A server that knows no users lets everybody. Raises PyMongoError, and Problem where there is no such service.
    """
    database = installation.databases[events_topic(installation, service).producer]
    said = await installation.client["admin"].command("connectionStatus", showPrivileges=True)
    told = said["authInfo"]
    if not told["authenticatedUsers"]:
        return True
    wanted = privileges_to_rewrite({service: database.name})
    return all(covers(told["authenticatedUserPrivileges"], each) for each in wanted)


async def before_rewriting(installation: Installation, services: Iterable[str], *, now: bool = False) -> list[str]:
    """The step that comes before all others, and is not taken here; none where the user may rewrite these logs.

    Where it is to be done `now` there is no such step: raises Problem for the first log that the user may not rewrite.
    """
    for service in services:
        if not await may_rewrite(installation, service):
            if now:
                raise _lacking(service)
            return [f"nothing, until the user in MONGODB_URI has the role {REWRITES_LOGS}, which it lacks: {HOW}"]
    return []


def _lacking(service: str) -> Problem:
    return Problem(
        Exit.UNREACHABLE,
        f"The user in MONGODB_URI may not rewrite the log of {service}: it lacks the role {REWRITES_LOGS}, which "
        f"it has on some nights alone. Nothing was changed; {HOW} says how it gets it.",
    )
