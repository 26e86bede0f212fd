"""Any other address: a page that says so and leads home, with the header of whoever asked."""

from fastapi import APIRouter, HTTPException

from services.portal.visit import AnyVisit

router = APIRouter(include_in_schema=False)


@router.get("/{path:path}")
async def unknown(visit: AnyVisit) -> None:
    """There is nothing here."""
    raise HTTPException(404)
