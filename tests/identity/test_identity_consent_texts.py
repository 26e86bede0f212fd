"""The consent texts: versioned files, hashed as they are shown, asked for again when a change matters."""

import hashlib
import shutil
from pathlib import Path

import pytest

import services.identity.main
from services.identity.consent_texts import ConsentTexts
from services.identity.refusals import ConsentOutdated

PUBLISHED = Path(services.identity.main.__file__).parent / "consents"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PUBLISHED, tmp_path / "consents"))


def publish(folder: Path, version: int, text: str, *, material: bool) -> None:
    (folder / f"personal-data/{version}.txt").write_text(text, encoding="utf-8")
    with (folder / "personal-data/manifest.toml").open("a") as manifest:
        manifest.write(f"[[versions]]\nversion={version}\npublished_on=2026-12-01\nmaterial={str(material).lower()}\n")


def test_the_hash_is_that_of_the_file() -> None:
    raw = (PUBLISHED / "personal-data/1.txt").read_bytes()
    text = ConsentTexts.read(PUBLISHED).find("personal-data", 1)
    assert text
    assert text.raw == raw
    assert text.consent.sha256 == hashlib.sha256(raw).hexdigest()


def test_the_text_names_what_the_law_asks_for() -> None:
    text = (PUBLISHED / "personal-data/1.txt").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert lines[:2] == ["Согласие на обработку персональных данных", "Согласие на обработку ПДн."]
    operator = "ООО «Медицина ИТ»", "355042, Ставропольский край, г. Ставрополь, ул. Доваторцев 49 «В», оф. 201"
    data = "фамилия, имя, отчество", "год рождения", "месяц рождения", "дата рождения", "документа, удостоверяющего"
    taken = "пол;", "СНИЛС", "гражданство", "ОМС", "страховая организация", "телефона", "электронной почты"
    actions = "сбор, запись, систематизация, накопление, хранение, уточнение (обновление, изменение), извлечение"
    for said in (*operator, *data, *taken, actions, "Цель обработки", "Согласие действует", "отозвать"):
        assert said in text


def test_every_version_stays_readable_and_the_highest_is_asked_for(folder: Path) -> None:
    publish(folder, 2, "Новый текст", material=False)
    texts = ConsentTexts.read(folder)
    assert texts.current.consent.version == 2
    assert texts.find("personal-data", 1)
    assert texts.find("personal-data", 3) is None
    assert texts.find("cookies", 1) is None


def test_only_a_change_that_matters_is_asked_for_again(folder: Path) -> None:
    publish(folder, 2, "Опечатка исправлена", material=False)
    assert not ConsentTexts.read(folder).due(agreed=1)
    publish(folder, 3, "Другая цель", material=True)
    texts = ConsentTexts.read(folder)
    assert texts.due(agreed=1)
    assert texts.due(agreed=2)
    assert not texts.due(agreed=3)


def test_a_text_that_is_no_longer_current_cannot_be_agreed_to(folder: Path) -> None:
    first = ConsentTexts.read(folder).current.consent
    publish(folder, 2, "Новый текст", material=False)
    texts = ConsentTexts.read(folder)
    texts.require_current(texts.current.consent)
    for other in (first, texts.current.consent.model_copy(update={"sha256": first.sha256})):
        with pytest.raises(ConsentOutdated):
            texts.require_current(other)


def test_a_manifest_without_its_text_does_not_start(folder: Path) -> None:
    (folder / "personal-data/1.txt").unlink()
    with pytest.raises(FileNotFoundError):
        ConsentTexts.read(folder)
