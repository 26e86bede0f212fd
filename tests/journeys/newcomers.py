"""Newcomers: people whom the portal has never seen, added to the stand-in's people, one for each test that asks."""

import json
from copy import deepcopy

from deploy.local.stack import Stack
from tests.journeys.crowd import snils
from tests.journeys.steps import Citizen, citizen

EVERYTHING = "Есть всё"
THE_MANUALS_PERSON = "Картинка из инструкции"
FIRST_OID = 1_200_000_000


def newcomer(stack: Stack, like: str = EVERYTHING) -> Citizen:
    """Someone like the demonstration person whose note begins so, under an account, phone and СНИЛС of their own."""
    people = json.loads(stack.people.read_text())
    number = max(FIRST_OID, *(account["oid"] for account in people)) - FIRST_OID + 1
    entry = deepcopy(citizen(stack, like).esia)
    phone = f"+7(902){number:07}"
    entry |= {"oid": FIRST_OID + number, "login": phone, "note": f"Новый человек № {number}"}
    entry["contacts"] = [contact for contact in entry["contacts"] if contact["type"] == "MBT"]
    entry["contacts"][0]["value"] = phone
    if "snils" in entry["person"]:
        entry["person"]["snils"] = snils(300_000_000 + number)
    stack.people.write_text(json.dumps([*people, entry], ensure_ascii=False))
    return Citizen(phone, entry["password"], entry)
