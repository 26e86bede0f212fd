"""Local stand, ports: the addresses of everything on this machine, and a clear word when one is taken."""

import random
import socket
from collections.abc import Collection
from dataclasses import asdict, dataclass

from deploy.local.processes import StartFailed


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
    kafka: int = 19092
    kafka_controller: int = 19093
    mongod: int = 27117


def free_ports() -> Ports:
    """Ports that nothing listens on now, from below the range that the kernel hands to outgoing connections."""
    candidates = iter(random.sample(range(20_000, 30_000), 500))
    free = (port for port in candidates if _is_free(port))
    return Ports(**{name: next(free) for name in asdict(Ports())})


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
