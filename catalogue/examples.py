"""Examples of events, made of their schemas: one with everything said and one with as little as may be.

Who is in them does not exist; numbers have valid check digits. A field that is not listed says its own name.
"""

import json
from typing import Any

from catalogue.schemas import Schema, schema_of, substance
from medonline_contracts.envelope import Event

ACCOUNT = "01939b4e-7a10-7c3d-9a52-3f1c0d5e8b01"
CARD = "6b1f0f4e-9c1d-5b7e-8f43-2a9d7c6e5f02"

_SAID = {
    "account_id": ACCOUNT,
    "card_id": CARD,
    "region": "RU-STA",
    "family_name": "Салтыкова-Щедрина",
    "given_name": "Алёна",
    "middle_name": "Игоревна",
    "birth_date": "1990-05-17",
    "snils": "112-233-445 95",
    "enp": "2600000000000000",
    "enp_valid": True,
    "insurer": "Страховая компания «Пример»",
    "citizenship": "RUS",
    "esia_oid": 1000000001,
    "type": "RF_PASSPORT",
    "series": "0710",
    "number": "123456",
    "issued_on": "2010-06-01",
    "issued_by": "Отделом внутренних дел города Примерска",
    "department_code": "260-001",
    "phone": "+79000000000",
    "email": "pochta@mail.example",
    "phone.value": "+79000000000",
    "email.value": "pochta@mail.example",
    "oms_policy.series": None,
    "oms_policy.number": "2600000000000000",
    "consent.id": "personal-data",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "person.address": "192.0.2.7",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0",
    "kept_session": "01939b52-1c44-7b1e-8d0f-6e5a4b3c2d03",
    "given_at": "2026-11-21T09:00:00Z",
    "authenticated_at": "2026-11-21T09:01:30Z",
    "changed_at": "2026-11-21T10:15:00Z",
}
_BY_FORMAT = {"date": "2026-11-21", "date-time": "2026-11-21T09:00:00Z"}


def examples_of(event: type[Event]) -> list[Event]:
    """The full one and, where something may be left out, the sparse one."""
    schema = substance(schema_of(event))
    full, sparse = (
        event.model_validate_json(json.dumps(_value(schema, "", full=all_said))) for all_said in (True, False)
    )
    return [full] if sparse == full else [full, sparse]


def _value(schema: Schema, path: str, *, full: bool) -> Any:
    if forms := schema.get("anyOf"):
        if not full and {"type": "null"} in forms:
            return None
        return _value(next(form for form in forms if form.get("type") != "null"), path, full=full)
    match schema:
        case {"enum": [first, *_]} | {"const": first}:
            return first
        case {"type": "object"}:
            needed = schema.get("required", ())
            parts = {name: part for name, part in schema.get("properties", {}).items() if full or name in needed}
            return {name: _value(part, f"{path}.{name}", full=full) for name, part in parts.items()}
        case {"type": "array"}:
            return [_value(schema.get("items", {}), path, full=full)]
        case _:
            return _said(schema, path)


def _said(schema: Schema, path: str) -> Any:
    steps = path.strip(".").split(".")
    for ending in (".".join(steps[-2:]), steps[-1]):
        if ending in _SAID:
            return _SAID[ending]
    if (form := schema.get("format")) in _BY_FORMAT:
        return _BY_FORMAT[str(form)]
    return {"integer": 1, "number": 1.5, "boolean": True}.get(str(schema.get("type")), steps[-1])
