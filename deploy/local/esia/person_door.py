"""Gosuslugi stand-in: the person's data (`/rs/prns/{oid}`), for the holder of that person's access token only."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from deploy.local.esia.errors import EsiaCode
from deploy.local.esia.faults import Place, may_fail
from deploy.local.esia.people import Account, Element
from deploy.local.esia.person import collection, contacts_for, documents_for, one, person_for
from deploy.local.esia.stand_in import The
from deploy.local.esia.token import Access

router = APIRouter(prefix="/rs/prns/{oid:int}")


class Refused(Exception):
    """No data: 401 without a living token, 403 beyond what it allows, 404 for what is not there."""

    def __init__(self, status: int, code: EsiaCode) -> None:
        super().__init__(code.number)
        self.status = status
        self.code = code


async def opened(oid: int, request: Request, stand_in: The) -> tuple[Account, frozenset[str]]:
    """The account and the scopes its token opens. Raises Refused."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    access: Access | None = stand_in.signer.access(token, stand_in.now()) if scheme.lower() == "bearer" else None
    if access is None:
        raise Refused(401, EsiaCode.CODE_INVALID)
    if access.oid != oid:
        raise Refused(403, EsiaCode.NO_PERMISSION)
    account = stand_in.people.by_oid(oid)
    if account is None:
        raise Refused(404, EsiaCode.BAD_PARAMETER)
    return account, access.scopes


Opened = Annotated[tuple[Account, frozenset[str]], Depends(opened)]
Select = Callable[[Account, frozenset[str]], Sequence[Element] | None]


def _elements(select: Select, of: tuple[Account, frozenset[str]]) -> Sequence[Element]:
    elements = select(*of)
    if elements is None:
        raise Refused(403, EsiaCode.NO_PERMISSION)
    return elements


def _listed(request: Request, elements: Sequence[Element]) -> dict[str, Any]:
    at = str(request.url.replace(query=""))
    return collection(elements, at, embed=request.query_params.get("embed") == "(elements)")


def _found(elements: Sequence[Element], element_id: int) -> dict[str, Any]:
    element = next((element for element in elements if element.id == element_id), None)
    if element is None:
        raise Refused(404, EsiaCode.BAD_PARAMETER)
    return one(element)


@router.get("", dependencies=[Depends(may_fail(Place.PERSON))])
async def person(of: Opened) -> dict[str, Any]:
    return person_for(*of)


@router.get("/ctts", dependencies=[Depends(may_fail(Place.CONTACTS))])
async def contacts(request: Request, of: Opened) -> dict[str, Any]:
    return _listed(request, _elements(contacts_for, of))


@router.get("/ctts/{element_id:int}", dependencies=[Depends(may_fail(Place.CONTACTS))])
async def contact(element_id: int, of: Opened) -> dict[str, Any]:
    return _found(_elements(contacts_for, of), element_id)


@router.get("/docs", dependencies=[Depends(may_fail(Place.DOCUMENTS))])
async def documents(request: Request, of: Opened) -> dict[str, Any]:
    return _listed(request, _elements(documents_for, of))


@router.get("/docs/{element_id:int}", dependencies=[Depends(may_fail(Place.DOCUMENTS))])
async def document(element_id: int, of: Opened) -> dict[str, Any]:
    return _found(_elements(documents_for, of), element_id)
