"""The domain's refusals: why nothing happens. What each answers at the HTTP door stands in `problems`."""

from collections.abc import Mapping


class Refusal(Exception):
    """The domain says no; nothing happens."""


class NotFound(Refusal):
    """There is no such card in this account; another account's answers alike."""


class CardChanged(Refusal):
    """The card is not at the expected version: it was changed meanwhile."""


class CardRemoved(Refusal):
    """The card is removed: it can only be restored."""


class AlreadyThere(Refusal):
    """The card is not removed, so there is nothing to restore."""


class RestorationOver(Refusal):
    """The card was removed too long ago: what was stated on it does not come back."""


class AddedAlready(Refusal):
    """This request has added a card before, and that card says something else by now: nothing is added."""


class NotOwnCard(Refusal):
    """Only the holder's own card can do this: Gosuslugi fills it in."""


class NothingConfirmed(Refusal):
    """Gosuslugi says nothing here that could be taken."""


class NotOnePerson(Refusal):
    """The two cards share no number that Gosuslugi confirmed, so they are not joined."""


class TooManyCards(Refusal):
    """The account keeps as many cards as it may already."""


class TooManyChanges(Refusal):
    """The card was changed as often as it may be: it can only be removed."""


class NumberTaken(Refusal):
    """Another card of this account has the number: `holders` names it by field (`snils`, `enp`)."""

    def __init__(self, holders: Mapping[str, str]) -> None:
        super().__init__(*holders)
        self.holders = dict(holders)


class Unacceptable(Refusal):
    """What was stated cannot stand; `errors` has a sentence in Russian for each field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(*errors)
        self.errors = dict(errors)
