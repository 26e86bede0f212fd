"""A crowd: any number of invented people that Gosuslugi could hand over, with valid check digits and one password."""

import json
from pathlib import Path
from random import Random
from typing import Any

from medonline_contracts.identifiers import luhn_valid

PASSWORD = "crowd12345"
_FAMILY = ("Ветров", "Лугов", "Ёлкин-Сосновский", "Рябинин", "Озёров", "Полев", "Берегов")
_GIVEN = ("Аркадий", "Глеб", "Игнат", "Лев", "Матвей", "Ян")
_MIDDLE = ("Аркадьевич", "Глебович", "Игнатович", "Львович", "Матвеевич", None)


def snils(number: int) -> str:
    """The СНИЛС with these nine digits and its check digits (weights 9…1, modulo 101, 100 → 00)."""
    nine = f"{number:09}"
    check = sum(int(digit) * (9 - place) for place, digit in enumerate(nine)) % 101 % 100
    return f"{nine[:3]}-{nine[3:6]}-{nine[6:]} {check:02}"


def enp(number: int) -> str:
    """The policy number with these fifteen digits and its check digit."""
    fifteen = f"{number:015}"
    return next(fifteen + str(last) for last in range(10) if luhn_valid(fifteen + str(last)))


def citizen_entry(number: int, random: Random) -> dict[str, Any]:
    """One entry of a people file; the number makes it unlike any other."""
    phone, document = f"+7(901){number:07}", 10_000 * number
    person = {
        "lastName": random.choice(_FAMILY),
        "firstName": random.choice(_GIVEN),
        "middleName": random.choice(_MIDDLE),
        "birthDate": f"{random.randint(1, 28):02}.{random.randint(1, 12):02}.{random.randint(1940, 2000)}",
        "gender": "M",
        "snils": snils(200_000_000 + number),
        "citizenship": "RUS",
        "rIdDoc": document,
        "trusted": True,
        "status": "REGISTERED",
    }
    passport = {"id": document, "type": "RF_PASSPORT", "vrfStu": "VERIFIED", "series": "0711", "number": f"{number:06}"}
    passport |= {"issueDate": "01.06.2011", "issueId": "260-001", "issuedBy": "УФМС России"}
    policy = {"id": document + 1, "type": "MDCL_PLCY", "vrfStu": "VERIFIED", "unitedNumber": enp(26 * 10**13 + number)}
    return {
        "oid": 1_100_000_000 + number,
        "login": phone,
        "password": PASSWORD,
        "note": f"Из толпы, № {number}",
        "person": {name: value for name, value in person.items() if value is not None},
        "contacts": [{"id": document + 2, "type": "MBT", "vrfStu": "VERIFIED", "value": phone}],
        "documents": [passport, {**policy, "medicalOrg": "АО «Степное страхование»"}],
    }


def write_crowd(path: Path, size: int, seed: int = 1) -> None:
    """A people file with so many people; the same seed makes the same people."""
    random = Random(seed)
    entries = [citizen_entry(number, random) for number in range(1, size + 1)]
    path.write_text(json.dumps(entries, ensure_ascii=False))
