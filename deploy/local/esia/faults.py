"""Gosuslugi stand-in: faults on request, so that tests can see what the portal does when ESIA fails.

`POST /stand-in/faults {"at": "token", "kind": "down", "times": 2}` spoils the next two answers of the token
endpoint; `DELETE` there ends all faults, `GET` names those that have yet to strike. The door is there only with
`ESIA_FAULTS=1`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

from deploy.local.esia.errors import EsiaCode


class Place(StrEnum):
    """Where a fault strikes."""

    TOKEN = "token"
    PERSON = "person"
    DOCUMENTS = "documents"
    CONTACTS = "contacts"


class Kind(StrEnum):
    """`down`: 503 with ESIA-007008; `slow`: the right answer after `seconds`; `garbage`: 200 with a page of HTML."""

    DOWN = "down"
    SLOW = "slow"
    GARBAGE = "garbage"


class Fault(BaseModel):
    """A fault that strikes the next `times` requests at one place."""

    at: Place
    kind: Kind
    times: int = Field(default=1, ge=1, le=1_000_000)
    seconds: float = Field(default=30, gt=0, le=600)


class Faults:
    """The faults that are due; a new one at the same place takes the place of the old."""

    def __init__(self) -> None:
        self._due: dict[Place, Fault] = {}

    def plan(self, fault: Fault) -> None:
        self._due[fault.at] = fault

    def clear(self) -> None:
        self._due.clear()

    def due(self) -> list[Fault]:
        return list(self._due.values())

    def strike(self, at: Place) -> Fault | None:
        fault = self._due.pop(at, None)
        if fault and fault.times > 1:
            self._due[at] = fault.model_copy(update={"times": fault.times - 1})
        return fault


class Disturbed(Exception):
    """A fault has struck: this is the answer instead."""

    def __init__(self, answer: Response) -> None:
        super().__init__("a planned fault")
        self.answer = answer


def may_fail(at: Place) -> Callable[[Request], Awaitable[None]]:
    """A dependency that lets a planned fault strike. Raises Disturbed."""

    async def strike(request: Request) -> None:
        faults: Faults = request.app.state.stand_in.faults
        match faults.strike(at):
            case Fault(kind=Kind.SLOW, seconds=seconds):
                await asyncio.sleep(seconds)
            case Fault(kind=Kind.DOWN):
                told = EsiaCode.BUSY.oauth(None) if at is Place.TOKEN else EsiaCode.BUSY.rest()
                raise Disturbed(JSONResponse(told, status_code=503))
            case Fault(kind=Kind.GARBAGE):
                raise Disturbed(HTMLResponse("<html><body>Ведутся технические работы"))

    return strike


router = APIRouter(prefix="/stand-in/faults")


@router.post("", status_code=204)
async def plan(fault: Fault, request: Request) -> None:
    request.app.state.stand_in.faults.plan(fault)


@router.get("")
async def due(request: Request) -> list[Fault]:
    faults: Faults = request.app.state.stand_in.faults
    return faults.due()


@router.delete("", status_code=204)
async def clear(request: Request) -> None:
    request.app.state.stand_in.faults.clear()
