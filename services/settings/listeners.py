"""The Kafka door of settings: one group that projects identity's events and this service's own into `profiles`."""

from pymongo.asynchronous.database import AsyncDatabase

from eventlog.bus import Bus
from eventlog.projector import Projector
from eventlog.store import Document
from medonline_contracts.topics import IDENTITY_EVENTS, SETTINGS_EVENTS
from services.settings.keyed_hash import KeyedHash
from services.settings.views import projection

VIEW_GROUP = "settings.view"


def listen(bus: Bus, database: AsyncDatabase[Document], keyed_hash: KeyedHash) -> None:
    """Keep the view of `database`."""
    bus.listen(VIEW_GROUP, (IDENTITY_EVENTS, SETTINGS_EVENTS), Projector(database, projection(keyed_hash)).apply)
