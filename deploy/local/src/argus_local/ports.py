"""Ports of this machine that nobody listens on."""

import random
import socket
from collections.abc import Callable, Container
from pathlib import Path

from argus_local.errors import PortInUse

EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST = 10_000


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether a server could listen on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(preferred: int | None = None, but: Container[int] = (), free: Callable[[int], bool] = is_free) -> int:
    """Return a port that nobody listens on: `preferred` where that is one; none of `but`.

    It lies below the range from which the system gives ports to outgoing connections: a client that keeps
    trying to reach a stopped server there could meet itself and occupy the server's port.
    """
    candidates = random.sample(range(LOWEST, _first_ephemeral()), 200)
    for port in (*([preferred] if preferred else []), *candidates):
        if port not in but and free(port):
            return port
    raise PortInUse("no free port was found on 127.0.0.1")


def _first_ephemeral() -> int:
    try:
        first = int(EPHEMERAL.read_text().split()[0])
    except (OSError, ValueError):
        first = 32_768
    return first if first > LOWEST + 1_000 else 32_768
