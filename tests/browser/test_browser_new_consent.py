"""A new consent text that matters: asked at the next sign-in; «Нет» signs out and changes nothing, «Да» goes on."""

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.async_playwright import Axe

from deploy.local.stack import Stack
from tests.browser.browsers import Browsers
from tests.browser.steps import begin_sign_in, button, pass_esia, sees, sees_heading, sees_own_card
from tests.journeys.newcomers import newcomer

SECOND = "\n[[versions]]\nversion = 2\npublished_on = 2026-11-23\nmaterial = true\n"


@contextmanager
def a_second_version(portal: Stack) -> Iterator[None]:
    """Identity reads the texts when it starts."""
    texts = portal.folder / "consents/personal-data"
    manifest, text = texts / "manifest.toml", texts / "2.txt"
    before = manifest.read_text()
    try:
        text.write_text((texts / "1.txt").read_text() + "\nТеперь и с новой строкой.\n")
        manifest.write_text(before + SECOND)
        restart_identity(portal)
        yield
    finally:
        manifest.write_text(before)
        text.unlink()
        restart_identity(portal)


def restart_identity(portal: Stack) -> None:
    portal.stop("identity")
    portal.start("identity")


async def test_a_new_consent_text_is_asked_at_the_next_sign_in(portal: Stack, browsers: Browsers) -> None:
    person = newcomer(portal)
    await browsers.open_for(person)
    with a_second_version(portal):
        page = await browsers.open()
        await begin_sign_in(page)
        await pass_esia(page, portal, person)
        await sees_heading(page, "Текст согласия обновился")
        await sees(page, "Теперь и с новой строкой.")
        assert (await Axe().run(page)).violations_count == 0
        await page.goto("/settings")
        await sees_heading(page, "Текст согласия обновился")
        await button(page, "Нет, я отказываюсь").click()
        await sees(page, "Вы вышли из личного кабинета")
        await begin_sign_in(page)
        await pass_esia(page, portal, person)
        await button(page, "Да, я согласен").click()
        await sees_own_card(page, person)
        await page.goto("/settings")
        await sees_heading(page, "Настройки")
