"""What tests need besides Python's packages, brought before they begin: a slow registry takes nothing of a test's time.

Where something cannot be had this says so, and the tests that need it say what that means.
"""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from deploy.local.kafka_jars import kafka_class_path
from deploy.local.servers import CACHE
from tests.chromium import bring_chromium
from tests.fhir.hapi_jars import hapi_jars
from tests.node_ground import bring_packages
from tests.prometheus import bring_prometheus

BESIDE_EACH_OTHER: dict[str, Callable[[], object]] = {
    "Kafka": lambda: kafka_class_path(CACHE),
    "HAPI's validator": lambda: hapi_jars(CACHE),
    "Node's packages": lambda: bring_packages(CACHE),
}
ONE_AFTER_THE_OTHER: dict[str, Callable[[], object]] = {  # apt lets one in at a time
    "A browser (apt-get install chromium-headless-shell)": bring_chromium,
    "Prometheus": bring_prometheus,
}


def complaint(what: str, bring: Callable[[], object]) -> str:
    """Bring it; what there is to say of it where that did not work, else nothing."""
    try:
        return "" if bring() else f"{what} could not be brought."
    except Exception as error:  # whatever it is, its tests will meet it
        return f"{what} could not be brought: {error}"


def main() -> None:
    """Bring everything and tell what did not come."""
    with ThreadPoolExecutor() as pool:
        besides = [pool.submit(complaint, *one) for one in BESIDE_EACH_OTHER.items()]
        complaints = [complaint(*one) for one in ONE_AFTER_THE_OTHER.items()]
    for said in filter(None, [*complaints, *(one.result() for one in besides)]):
        sys.stderr.write(f"{said}\n")


if __name__ == "__main__":
    main()
