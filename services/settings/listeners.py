"""The Kafka door of settings: identity's events and this service's own, folded into `profiles`."""

from eventlog.projection import Projection
from medonline_contracts.topics import IDENTITY_EVENTS, SETTINGS_EVENTS
from services.settings.keyed_hash import KeyedHash
from services.settings.views import PROFILES, projection


def view(keyed_hash: KeyedHash) -> Projection:
    """What this service reads; logins are found by their keyed hash."""
    logins = {PROFILES: ("confirmed.logins.digest",)}
    return Projection("settings.view", (IDENTITY_EVENTS, SETTINGS_EVENTS), projection(keyed_hash), logins)
