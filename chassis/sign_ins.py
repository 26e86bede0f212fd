"""Sign-ins, counted: by which way people came to the door, and how that ended; by the services that open it.

An outcome is `Granted` or the class of what was raised: there are as many as the code has, and none names a person.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from prometheus_client import Counter

OUTCOMES = Counter("sign_in_outcomes_total", "Sign-ins, by way and by how they ended", ["way", "outcome"])
GRANTED = "Granted"

Way = Literal["password", "esia"]


@contextmanager
def refusals_counted(way: Way) -> Iterator[None]:
    """Around one of several steps of a sign-in: count what ends it."""
    try:
        yield
    except Exception as error:
        OUTCOMES.labels(way, type(error).__name__).inc()
        raise


@contextmanager
def counted(way: Way) -> Iterator[None]:
    """Around a sign-in: count how it ends."""
    with refusals_counted(way):
        yield
    OUTCOMES.labels(way, GRANTED).inc()
