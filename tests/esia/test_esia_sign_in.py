"""The sign-in pages: login and password, the code, the other ways, what wrong input and waiting do."""

import asyncio
from datetime import timedelta

import pytest

from tests.esia.world import Visitor, World, code_at

SOKOLOVA = ("+7(900)1000001", "sokolova1")


@pytest.mark.parametrize(
    "login",
    [
        "+7(900)1000001",
        "+7 900 100-00-01",
        "8 (900) 100-00-01",
        "89001000001",
        "9001000001",
        " sokolova@example.org ",
        "Sokolova@Example.ORG",
        "151-204-478 17",
        "15120447817",
    ],
)
async def test_phone_email_and_snils_are_taken_in_any_usual_form(world: World, login: str) -> None:
    visitor = await world.at_login()
    await visitor.submit(login=login, password="sokolova1")
    assert visitor.at.endswith("/code")
    assert "+7 900-100-00-01" in visitor.page


async def test_of_two_people_with_one_phone_the_password_tells_who_it_is(world: World) -> None:
    for password, email in (("semenova1", "semenova@example.org"), ("semenov1", "semenov@example.org")):
        visitor = await world.at_code("+7(900)1000012", password)
        messages = (await visitor.http.get("/phone.json")).json()
        assert (messages[0]["login"], messages[0]["phone"]) == (email, "+7(900)1000012")


@pytest.mark.parametrize(
    ("login", "password"), [("+7(900)1000001", "wrong"), ("nobody@example.org", "sokolova1"), ("???", "x")]
)
async def test_a_wrong_password_and_an_unknown_login_say_the_same_and_keep_the_login(
    world: World, login: str, password: str
) -> None:
    visitor = await world.at_login()
    await visitor.submit(login=login, password=password)
    assert "Неверный логин или пароль" in visitor.page
    assert f'value="{login}"' in visitor.page
    assert password not in visitor.page or password == "x"


async def test_an_unconfirmed_email_is_no_login(world: World) -> None:
    visitor = await world.at_login()
    await visitor.submit(login="zaitsev@example.org", password="zaitsev1")
    assert "Неверный логин или пароль" in visitor.page


async def test_what_is_left_out_is_named_beside_each_field_and_a_reload_starts_clean(world: World) -> None:
    visitor = await world.at_login()
    await visitor.submit(login="  ", password="")
    assert '<a href="#login">Введите телефон, email или СНИЛС</a>' in visitor.page
    assert '<a href="#password">Введите пароль</a>' in visitor.page
    assert 'aria-describedby="login-problem"' in visitor.page
    await visitor.open(visitor.at)
    assert "Введите" not in visitor.page


async def wrong_code(visitor: Visitor) -> str:
    right = await visitor.last_code()
    return f"{(int(right) + 1) % 1_000_000:06}"


async def test_a_code_may_be_typed_with_a_space(world: World) -> None:
    visitor = await world.at_code(*SOKOLOVA)
    code = await visitor.last_code()
    assert code_at(await visitor.submit(code=f"{code[:3]} {code[3:]}"))


async def test_after_five_wrong_tries_the_right_code_is_refused_and_a_new_one_works(world: World) -> None:
    visitor = await world.at_code(*SOKOLOVA)
    right, wrong = await visitor.last_code(), await wrong_code(visitor)
    for left in (4, 3, 2, 1):
        await visitor.submit(code=wrong)
        assert f"Осталось попыток: {left} из 5" in visitor.page
    await visitor.submit(code=wrong)
    assert "больше не действует" in visitor.page
    await visitor.submit(code=right)
    assert "больше не действует" in visitor.page
    await visitor.open(visitor.at)
    assert code_at(await visitor.submit(code=await visitor.last_code()))


async def test_wrong_codes_sent_all_at_once_have_five_tries_together(world: World) -> None:
    visitor = await world.at_code(*SOKOLOVA)
    right, wrong = await visitor.last_code(), await wrong_code(visitor)
    fields = {"form_token": visitor.form_token, "code": wrong}
    await asyncio.gather(*(visitor.http.post(visitor.at, data=fields) for _ in range(8)))
    await visitor.submit(code=right)
    assert "больше не действует" in visitor.page


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６"])
async def test_what_cannot_be_a_code_costs_no_try(world: World, typed: str) -> None:
    visitor = await world.at_code(*SOKOLOVA)
    for _ in range(6):
        await visitor.submit(code=typed)
        assert '<a href="#code">' in visitor.page
    assert code_at(await visitor.submit(code=await visitor.last_code()))


async def test_a_code_lives_ten_minutes(world: World) -> None:
    visitor = await world.at_code(*SOKOLOVA)
    code = await visitor.last_code()
    world.clock.go_on(timedelta(minutes=10))
    await visitor.submit(code=code)
    assert "больше не действует" in visitor.page


async def test_reloading_sends_a_new_code_and_voids_the_one_before(world: World) -> None:
    visitor = await world.at_code(*SOKOLOVA)
    first = await visitor.last_code()
    await visitor.open(visitor.at)
    assert "Отправили новый код" in visitor.page
    second = await visitor.last_code()
    if first != second:
        await visitor.submit(code=first)
        assert "Неверный код" in visitor.page
    assert code_at(await visitor.submit(code=second))


async def test_showing_what_was_wrong_sends_no_code(world: World) -> None:
    visitor = await world.at_code(*SOKOLOVA)
    await visitor.submit(code=await wrong_code(visitor))
    assert len((await visitor.http.get("/phone.json")).json()) == 1


async def test_a_double_click_and_back_lead_to_the_same_answer(world: World) -> None:
    visitor = await world.at_code(*SOKOLOVA)
    page, address, code = visitor.page, visitor.at, await visitor.last_code()
    first = await visitor.submit(code=code)
    visitor.page = page
    second = await visitor.submit(address, code=code)
    back = await visitor.open(address)
    assert code_at(first) == code_at(second) == code_at(back)


@pytest.mark.parametrize(("way", "amr"), [("qr", "QR"), ("signature", "DS")])
async def test_a_qr_code_and_an_electronic_signature_sign_in_without_a_code(world: World, way: str, amr: str) -> None:
    visitor = await world.at_login()
    await visitor.open(f"{visitor.at}/{way}")
    assert "Соколова Мария Андреевна" in visitor.page
    code = code_at(await visitor.submit(oid="1000400001"))
    grant = world.stand_in.grants.take(code, world.clock.now)
    assert grant is not None
    assert (grant.session.oid, grant.session.amr) == (1000400001, amr)


@pytest.mark.parametrize("way", ["qr", "signature"])
@pytest.mark.parametrize("oid", ["", "1", "x"])
async def test_another_way_asks_who_it_is(world: World, way: str, oid: str) -> None:
    visitor = await world.at_login()
    await visitor.open(f"{visitor.at}/{way}")
    await visitor.submit(oid=oid)
    assert '<a href="#oid">Выберите' in visitor.page


async def test_the_code_page_without_a_password_is_the_login_page(world: World) -> None:
    visitor = await world.at_login()
    await visitor.open(f"{visitor.at}/code")
    assert "Телефон / Email / СНИЛС" in visitor.page
    assert (await visitor.http.get("/phone.json")).json() == []


async def test_an_abandoned_sign_in_expires_and_leads_back_to_the_site(world: World) -> None:
    visitor = await world.at_login()
    world.clock.go_on(timedelta(minutes=15))
    response = await visitor.open(visitor.at)
    assert response.status_code == 410
    assert 'href="http://localhost:8080/"' in visitor.page
    world.clock.go_on(timedelta(hours=3))
    assert (await visitor.open(visitor.at)).status_code == 404


async def test_a_sign_in_belongs_to_the_browser_that_began_it(world: World) -> None:
    visitor = await world.at_login()
    other = await world.at_login()
    assert (await other.open(visitor.at)).status_code == 403


async def test_a_form_without_its_token_is_refused(world: World) -> None:
    visitor = await world.at_login()
    response = await visitor.http.post(visitor.at, data={"login": SOKOLOVA[0], "password": SOKOLOVA[1]})
    assert response.status_code == 403
