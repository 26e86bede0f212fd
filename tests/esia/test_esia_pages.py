"""The pages: every label and point of both manuals is there, every link leads somewhere, all of it is our own."""

import re
from datetime import timedelta

import pytest

from tests.esia.world import World

SOKOLOVA = ("+7(900)1000001", "sokolova1")
LOGIN = [
    "ГОСУСЛУГИ",
    "Телефон / Email / СНИЛС",
    "Пароль",
    "Восстановить",
    "Войти",
    "Войти другим способом",
    "QR-код",
    "Эл. подпись",
    "Не удаётся войти?",
]
NOT_SIGNING_IN = [
    "Не удаётся войти?",
    "без тире и пробелов",
    "на нужном ли языке",
    "«Caps Lock»",
    "восстановления пароля",
    "обратиться в службу поддержки",
    "центр обслуживания",
    "документ, удостоверяющий личность, и СНИЛС",
]
NO_SMS = [
    "Если смс с кодом для входа на Госуслуги не приходит",
    "старый номер",
    "центре обслуживания",
    "онлайн через банк",
    "обновите страницу",
    "технические работы у оператора",
    "Настройки связи",
    "24 часа",
    "Проверьте введённый номер",
    "авиарежим",
    "Пополните баланс телефона",
    "Уточните у сотового оператора, не блокирует ли он смс от Госуслуг",
    "Настройки телефона",
    "Перезагрузите телефон",
    "Отключите спам-фильтр",
    "смс-спам",
    "Очистите память телефона и сим-карты",
    "обратиться в службу поддержки",
]


async def test_the_login_page_has_every_label_of_the_manual(world: World) -> None:
    visitor = await world.at_login()
    assert [label for label in LOGIN if label not in visitor.page] == []


async def test_the_confirmation_page_has_every_label_of_the_manual(world: World) -> None:
    visitor = await world.at_code("+7(900)0000000", "otchestvo1")
    labels = ["Подтвердите вход", "Код подтверждения отправлен на номер", "+7 900-000-00-00", "Код подтверждения"]
    assert [label for label in [*labels, "Не приходит смс"] if label not in visitor.page] == []


@pytest.mark.parametrize(("topic", "points"), [("not-signing-in", NOT_SIGNING_IN), ("no-sms", NO_SMS)])
async def test_an_explanation_has_every_point_of_the_manuals(world: World, topic: str, points: list[str]) -> None:
    visitor = world.visitor()
    await visitor.open(f"/help/{topic}")
    assert [point for point in points if point not in visitor.page] == []


async def test_every_link_leads_somewhere_and_nothing_is_loaded_from_elsewhere(world: World) -> None:
    visitor = await world.at_code(*SOKOLOVA)
    waiting, seen = [visitor.at, "/", "/phone"], set()
    while waiting:
        address = waiting.pop().split("#")[0]
        if address in seen or not address or address.endswith("/cancel"):
            continue
        seen.add(address)
        response = await visitor.open(address)
        assert response.status_code == 200, address
        if response.headers["content-type"].startswith("text/html"):
            assert "<script" not in response.text
            assert "style=" not in response.text
            found = re.findall(r'(?:href|src|action)="([^"]*)"', visitor.page)
            assert [link for link in found if not link.startswith(("/", "#"))] == []
            waiting += found
    assert len([address for address in seen if address.startswith("/help/")]) == 6


async def test_an_explanation_leads_back_to_the_step_it_was_opened_from(world: World) -> None:
    visitor = await world.at_login()
    login_page = visitor.at
    await visitor.open("/help/not-signing-in", sign_in=login_page.removeprefix("/login/"))
    assert f'<a href="{login_page}">Вернуться ко входу</a>' in visitor.page
    await visitor.open(login_page)
    await visitor.submit(login=SOKOLOVA[0], password=SOKOLOVA[1])
    await visitor.open("/help/no-sms", sign_in=login_page.removeprefix("/login/"))
    assert f'<a href="{login_page}/code">Вернуться ко входу</a>' in visitor.page


@pytest.mark.parametrize(
    "address", ["/nothing", "/help/nothing", "/login/unknown", "/login/unknown/code", "/login/a/b"]
)
async def test_an_unknown_address_is_a_page_in_russian(world: World, address: str) -> None:
    response = await world.http().get(address)
    assert response.status_code == 404
    assert '<html lang="ru">' in response.text


async def test_a_form_posted_to_a_page_without_one_is_a_page_in_russian(world: World) -> None:
    response = await world.http().post("/phone")
    assert response.status_code == 405
    assert '<html lang="ru">' in response.text


async def test_every_answer_is_locked_down_and_forms_may_end_at_the_client(world: World) -> None:
    for address in ("/", "/phone", "/nothing", "/health/ready"):
        headers = (await world.http().get(address)).headers
        policy = "default-src 'self'; form-action 'self' http://localhost:8080; frame-ancestors 'none'; base-uri 'none'"
        assert headers["content-security-policy"] == policy
        assert headers["cache-control"] == "no-store"


async def test_what_is_typed_is_shown_as_text_only(world: World) -> None:
    visitor = await world.at_login()
    response = await visitor.submit(login='"><script>alert(1)</script>', password="x")
    assert "<script" not in response.text


async def test_the_phone_shows_the_code_and_forgets_it_after_ten_minutes(world: World) -> None:
    visitor = await world.at_code(*SOKOLOVA)
    code = await visitor.last_code()
    phone = world.visitor()
    await phone.open("/phone")
    assert code in phone.page
    [message] = (await phone.http.get("/phone.json")).json()
    assert message.keys() == {"login", "phone", "code", "sent_at", "sign_in"}
    assert (message["login"], message["phone"]) == ("+7(900)1000001", "+7(900)1000001")
    world.clock.go_on(timedelta(minutes=10))
    await phone.open("/phone")
    assert code not in phone.page
