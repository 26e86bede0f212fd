"""The Kafka door of settings: one group that projects identity's events and this service's own into `profiles`."""

from faststream.kafka import KafkaBroker
from pymongo.asynchronous.database import AsyncDatabase

from eventlog.delivery import Delivery
from eventlog.listener import Listener
from eventlog.parking import Parking
from eventlog.projector import Document, Projector
from medonline_contracts.topics import IDENTITY_EVENTS, SETTINGS_EVENTS
from services.settings.keyed_hash import KeyedHash
from services.settings.views import projection

VIEW_GROUP = "settings.view"


def listen(broker: KafkaBroker, database: AsyncDatabase[Document], parking: Parking, keyed_hash: KeyedHash) -> Listener:
    """Keep the view of `database`."""
    delivery = Delivery(parking, Projector(database, projection(keyed_hash)).apply)
    return Listener(broker, VIEW_GROUP, (IDENTITY_EVENTS, SETTINGS_EVENTS), delivery.deliver)
