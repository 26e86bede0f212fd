"""Personal data is in no key, header, address, log or metric, and a password is nowhere at all."""

import re
from collections.abc import Iterator

import httpx
import pytest

from deploy.local.secrets import DATABASES
from deploy.local.stack import Stack
from eventlog.process import open_client
from medonline_contracts.topics import TOPICS
from tests.journeys.evidence import records
from tests.journeys.steps import Citizen, citizen, register, set_password, sign_in_by_password
from tests.journeys.visitor import Visitor

PASSWORD = "PlantedPassword77"


def digits(text: str) -> re.Pattern[str]:
    """The digits of a number, however they are written."""
    return re.compile(r"(?:%[0-9A-F]{2}|[\s()+-]){0,3}".join(re.sub(r"\D", "", text)))


@pytest.fixture
async def planted(portal: Stack) -> Citizen:
    """A person who did everything that could leave a trace, wrong input too."""
    person = citizen(portal, "Есть всё")
    snils = person.esia["person"]["snils"]
    async with Visitor(portal.portal_url) as visitor:
        await register(visitor, portal, person)
        await set_password(visitor, PASSWORD)
    for login in (person.login, snils, "sokolova@example.org"):
        async with Visitor(portal.portal_url) as visitor:
            await sign_in_by_password(visitor, login, PASSWORD)
            assert person.full_name in visitor.page.text
    async with Visitor(portal.portal_url) as visitor:
        await sign_in_by_password(visitor, snils, PASSWORD + "x")
        await visitor.http.post(portal.portal_url + "/api/settings/sign-ins", json={"login": [snils]})
        await visitor.http.get(portal.portal_url + "/api/cards/" + snils)
    return person


def logs(stack: Stack) -> Iterator[tuple[str, str]]:
    for path in (stack.folder / "logs").glob("*.log"):
        if path.stem != "esia":  # the stand-in plays Gosuslugi and the person's phone
            yield path.name, path.read_text(errors="replace")


async def metrics(stack: Stack) -> str:
    ports = (stack.ports.identity, stack.ports.cards, stack.ports.settings, stack.ports.portal)
    async with httpx.AsyncClient() as client:
        return "".join([(await client.get(f"http://127.0.0.1:{port}/metrics")).text for port in ports])


async def test_neither_snils_nor_phone_is_found_outside_the_field_person(portal: Stack, planted: Citizen) -> None:
    traces = dict(logs(portal)) | {"metrics": await metrics(portal)}
    traces["topics"] = " ".join(topic.name for topic in TOPICS)
    for record in await records(portal, committed=False):
        if record.headers:
            traces[f"{record.topic} {record.offset}"] = f"{record.key!r} {record.headers!r}"
    snils, phone = planted.esia["person"]["snils"], planted.login
    for what in (digits(snils), digits(phone[2:]), re.compile("sokolova@")):
        assert [place for place, text in traces.items() if what.search(text)] == []
    assert any("answered" in text for text in traces.values()), "the logs that were searched are those of the services"


async def test_the_password_is_found_nowhere(portal: Stack, planted: Citizen) -> None:
    places = dict(logs(portal)) | {"metrics": await metrics(portal)}
    places["records"] = repr(await records(portal, committed=False))
    async with open_client(portal.servers.mongo.uri("root")) as client:
        for database in DATABASES:
            for collection in await client[database].list_collection_names():
                documents = await client[database][collection].find().to_list()
                places[f"{database}.{collection}"] = repr(documents)
    assert [place for place, text in places.items() if PASSWORD in text] == []
    hashed = [place for place, text in places.items() if "$argon2" in text]
    assert hashed == ["settings.credentials"]
