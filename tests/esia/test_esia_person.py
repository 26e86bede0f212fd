"""The person's data: only with the person's token, only what the scopes open, exactly as the file has it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.esia.world import World

SOKOLOVA = ("+7(900)1000001", "sokolova1")
OID = 1000400001


async def get(world: World, path: str, token: str) -> httpx.Response:
    return await world.http().get(path, headers={"Authorization": f"Bearer {token}"})


async def token(world: World, scope: str, login: str = SOKOLOVA[0], password: str = SOKOLOVA[1]) -> str:
    return str((await world.tokens(login, password, scope))["access_token"])


async def test_all_scopes_hand_over_the_person_as_the_file_has_it(world: World, people_file: Path) -> None:
    access = (await world.tokens(*SOKOLOVA))["access_token"]
    answer = (await get(world, f"/rs/prns/{OID}", access)).json()
    in_file = json.loads(people_file.read_text(encoding="utf-8"))[0]["person"]
    assert answer == {"stateFacts": ["EntityRoot"], **in_file}


@pytest.mark.parametrize(
    ("scope", "opened"),
    [
        ("openid", set()),
        ("fullname", {"lastName", "firstName", "middleName"}),
        ("birthdate", {"birthDate"}),
        ("gender", {"gender"}),
        ("snils", {"snils"}),
        ("id_doc", {"rIdDoc", "citizenship"}),
    ],
)
async def test_a_scope_opens_its_own_fields_only(world: World, scope: str, opened: set[str]) -> None:
    answer = (await get(world, f"/rs/prns/{OID}", await token(world, scope))).json()
    assert answer.keys() - {"stateFacts", "trusted", "status", "verifying", "updatedOn"} == opened


@pytest.mark.parametrize(
    ("scope", "types"), [("mobile", ["MBT"]), ("email", ["EML"]), ("email mobile", ["MBT", "EML"])]
)
async def test_contacts_are_those_of_the_scope(world: World, scope: str, types: list[str]) -> None:
    answer = await get(world, f"/rs/prns/{OID}/ctts?embed=(elements)", await token(world, scope))
    assert [element["type"] for element in answer.json()["elements"]] == types
    assert answer.json()["size"] == len(types)


@pytest.mark.parametrize(
    ("scope", "types"),
    [("id_doc", ["RF_PASSPORT"]), ("medical_doc", ["MDCL_PLCY"]), ("id_doc medical_doc", ["RF_PASSPORT", "MDCL_PLCY"])],
)
async def test_documents_are_those_of_the_scope(world: World, scope: str, types: list[str]) -> None:
    answer = await get(world, f"/rs/prns/{OID}/docs?embed=(elements)", await token(world, scope))
    assert [element["type"] for element in answer.json()["elements"]] == types


@pytest.mark.parametrize("path", ["docs", "ctts", "docs/7000103", "ctts/7000101"])
async def test_without_the_scope_documents_and_contacts_are_forbidden(world: World, path: str) -> None:
    answer = await get(world, f"/rs/prns/{OID}/{path}", await token(world, "openid snils"))
    assert answer.status_code == 403
    assert answer.json() == {"code": "ESIA-007019", "message": "There is no permission for the requested access"}


@pytest.mark.parametrize("part", ["docs", "ctts"])
async def test_without_embed_the_elements_are_addresses_each_to_be_fetched(world: World, part: str) -> None:
    access = (await world.tokens(*SOKOLOVA))["access_token"]
    embedded = (await get(world, f"/rs/prns/{OID}/{part}?embed=(elements)", access)).json()["elements"]
    addresses = (await get(world, f"/rs/prns/{OID}/{part}", access)).json()["elements"]
    fetched: list[Any] = [(await get(world, address, access)).json() for address in addresses]
    assert fetched == embedded
    assert addresses[0].startswith(f"http://127.0.0.1:8090/rs/prns/{OID}/{part}/")


async def test_a_document_is_fetched_with_its_scope_only(world: World) -> None:
    passport = "/rs/prns/1000400001/docs/7000103"
    assert (await get(world, passport, await token(world, "id_doc"))).json()["type"] == "RF_PASSPORT"
    assert (await get(world, passport, await token(world, "medical_doc"))).status_code == 404


async def test_another_persons_data_are_forbidden(world: World) -> None:
    access = (await world.tokens(*SOKOLOVA))["access_token"]
    for path in ("", "/ctts", "/docs"):
        answer = await get(world, f"/rs/prns/1000400002{path}", access)
        assert answer.status_code == 403
        assert answer.json().keys() == {"code", "message"}


async def test_without_a_living_access_token_there_is_nothing(world: World) -> None:
    tokens = await world.tokens(*SOKOLOVA)
    forged = tokens["access_token"][:-4] + "AAAA"
    for wrong in ("", "x", forged, tokens["id_token"]):
        answer = await get(world, f"/rs/prns/{OID}", wrong)
        assert (answer.status_code, answer.json().keys()) == (401, {"code", "message"})
    world.clock.go_on(timedelta(hours=1))
    assert (await get(world, f"/rs/prns/{OID}", tokens["access_token"])).status_code == 401


async def test_a_person_edited_between_two_requests_is_handed_over_as_they_are_now(
    world: World, people_file: Path
) -> None:
    access = (await world.tokens(*SOKOLOVA))["access_token"]
    text = people_file.read_text(encoding="utf-8")
    people_file.write_text(text.replace("Соколова", "Орлова-Щукина"), encoding="utf-8")
    assert (await get(world, f"/rs/prns/{OID}", access)).json()["lastName"] == "Орлова-Щукина"


async def test_a_half_written_file_leaves_the_last_good_one(world: World, people_file: Path) -> None:
    access = (await world.tokens(*SOKOLOVA))["access_token"]
    text = people_file.read_text(encoding="utf-8")
    people_file.write_text(text[: len(text) // 2], encoding="utf-8")
    assert (await get(world, f"/rs/prns/{OID}", access)).json()["lastName"] == "Соколова"
    people_file.write_text(text.replace("Соколова", "Орлова"), encoding="utf-8")
    assert (await get(world, f"/rs/prns/{OID}", access)).json()["lastName"] == "Орлова"


async def test_a_person_who_is_gone_is_404(world: World, people_file: Path) -> None:
    access = (await world.tokens(*SOKOLOVA))["access_token"]
    people = json.loads(people_file.read_text(encoding="utf-8"))
    people_file.write_text(json.dumps(people[1:], ensure_ascii=False), encoding="utf-8")
    assert (await get(world, f"/rs/prns/{OID}", access)).status_code == 404
