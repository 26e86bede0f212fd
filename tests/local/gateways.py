"""The gateway of this machine by itself, on ports of its own, with nobody behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.gateway import Gateway
from deploy.local.ports import Ports, free_ports


@contextmanager
def gateway_in(folder: Path) -> Iterator[Ports]:
    """Run it while the body runs."""
    ports = free_ports()
    gateway = Gateway(folder, folder / "gateway.log", ports)
    gateway.start()
    try:
        gateway.wait()
        yield ports
    finally:
        gateway.stop(3)
