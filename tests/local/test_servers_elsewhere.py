import pytest

from deploy.local.elsewhere import GivenMongo


@pytest.mark.parametrize(
    ("given", "of_cards"),
    [
        ("mongodb://one,two/?replicaSet=rs0", "mongodb://one,two/cards?replicaSet=rs0"),
        ("mongodb://me:pw@one", "mongodb://me:pw@one/cards?authSource=admin"),
        ("mongodb://me:pw@one/main", "mongodb://me:pw@one/cards?authSource=main"),
        ("mongodb+srv://me:p%40w@one/?authSource=x", "mongodb+srv://me:p%40w@one/cards?authSource=x"),
    ],
)
def test_each_service_uses_its_own_database_on_a_given_mongodb(given: str, of_cards: str) -> None:
    assert GivenMongo(given).uri("cards") == of_cards
