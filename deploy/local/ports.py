"""Local stand, ports: the addresses of everything on this machine, and a clear word when one is taken."""

import os
import random
import socket
from collections.abc import Collection
from dataclasses import asdict, dataclass
from itertools import islice

from deploy.local.processes import StartFailed

BLOCKS, BLOCK = 20, 500


@dataclass(frozen=True, slots=True)
class Ports:
    """One TCP port on 127.0.0.1 for each listener; the defaults are those of `make run`."""

    gateway: int = 8080
    gateway_admin: int = 8105
    esia: int = 8090
    identity: int = 8101
    cards: int = 8102
    settings: int = 8103
    portal: int = 8104
    watch: int = 8106
    kafka: int = 19092
    kafka_controller: int = 19093
    mongod: int = 27117


def free_ports() -> Ports:
    """Ports that nothing listens on now, from below the range that the kernel hands to outgoing connections."""
    names = list(asdict(Ports()))
    return Ports(**dict(zip(names, some_free(len(names)), strict=True)))


def some_free(count: int, besides: Collection[int] = ()) -> list[int]:
    """So many such ports, none of them in `besides`.

    Processes that were started one after the other choose from different blocks: what one has chosen and does not yet
    listen on looks free to the other.
    """
    block = 20_000 + os.getpid() % BLOCKS * BLOCK
    candidates = random.sample(range(block, block + BLOCK), BLOCK)
    free = (port for port in candidates if port not in besides and _is_free(port))
    return list(islice(free, count))


def require_free(ports: Ports, besides: Collection[str] = ()) -> None:
    """Raises StartFailed naming the first port that something else listens on; those named in `besides` may be."""
    for name, port in asdict(ports).items():
        if name not in besides and not _is_free(port):
            raise StartFailed(
                f"Port {port} (for {name.replace('_', ' ')}) is in use: end the program that "
                f"`ss -ltnp 'sport = :{port}'` shows, then try again."
            )


def listens(port: int) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
