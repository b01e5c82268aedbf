"""Who listens where, and what each service is told about it."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from argus_local.errors import PortInUse
from argus_local.ports import free_port, is_free

SERVICES = ("ingest", "store", "matcher", "dispatch", "api")
GATEWAY = 8000
HTTP = {"ingest": 8001, "api": 8002}
METRICS = dict(zip(SERVICES, range(9101, 9106), strict=True))
KAFKA, POSTGRES, SMTP = 9092, 15432, 11025
HOST = "127.0.0.1"
LOOPBACK = "127.0.0.0/8,::1/128"
"""Webhooks may go to programs on this machine, which in production they must not."""


@dataclass(frozen=True)
class Addresses:
    """The ports of one stack."""

    gateway: int
    kafka: int
    postgres: int
    smtp: int
    http: Mapping[str, int]
    metrics: Mapping[str, int]

    @property
    def url(self) -> str:
        """The one address for people and clients."""
        return f"http://{HOST}:{self.gateway}"

    def service_url(self, service: str) -> str:
        """Return the address of a service itself."""
        return f"http://{HOST}:{self.http[service]}"

    def metrics_url(self, service: str) -> str:
        """Return where a service tells how it is."""
        return f"http://{HOST}:{self.metrics[service]}"


def addresses_of(wanted: int, free: Callable[[int], bool] = is_free) -> Addresses:
    """Return the ports of a stack whose gateway is to listen on `wanted`; 0: on any; of those that are free.

    The usual ports go to who has the usual gateway: another stack that took one while its owner is being started
    again would keep it from coming back.

    Raises:
        PortInUse: another program listens where the gateway was to.
    """
    gateway = _gateway(wanted, free)
    taken = {gateway}

    def take(usual: int) -> int:
        port = free_port(usual if wanted == GATEWAY else None, taken, free)
        taken.add(port)
        return port

    return Addresses(
        gateway=gateway,
        kafka=take(KAFKA),
        postgres=take(POSTGRES),
        smtp=take(SMTP),
        http={name: take(port) for name, port in HTTP.items()},
        metrics={name: take(port) for name, port in METRICS.items()},
    )


def _gateway(wanted: int, free: Callable[[int], bool]) -> int:
    if wanted == 0:
        return free_port(free=free)
    if not free(wanted):
        raise PortInUse(f"port {wanted} is taken by another program; choose one: --port 8080, or --port 0 for any")
    return wanted


def given(name: str) -> str | None:
    """Return a setting that was given from outside: without the prefix only those that services read so too."""
    bare = os.environ.get(name) if name in {"KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL"} else None
    return os.environ.get(f"ARGUS_{name}") or bare or None


@dataclass(frozen=True)
class Backends:
    """What the services connect to."""

    kafka: str
    database: str
    smtp_host: str
    smtp_port: str
    secret_keys: str
    mail_caught: bool
    """The mail server is ours, which wants neither encryption nor a login."""

    def environment(self, base_url: str) -> dict[str, str]:
        """Return what every service and the `argus` command read."""
        return {
            "ARGUS_KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "ARGUS_DATABASE_URL": self.database,
            "ARGUS_SMTP_HOST": self.smtp_host,
            "ARGUS_SMTP_PORT": self.smtp_port,
            **({"ARGUS_SMTP_TLS": "none", "ARGUS_SMTP_USERNAME": ""} if self.mail_caught else {}),
            "ARGUS_SECRET_KEYS": self.secret_keys,
            "ARGUS_BASE_URL": base_url,
            "ARGUS_WEBHOOK_ALLOW": os.environ.get("ARGUS_WEBHOOK_ALLOW", LOOPBACK),
        }

    def environment_of(self, service: str, addresses: Addresses) -> dict[str, str]:
        """Return what one service reads."""
        own = {"ARGUS_METRICS_HOST": HOST, "ARGUS_METRICS_PORT": str(addresses.metrics[service])}
        if service in addresses.http:
            own |= {"ARGUS_HTTP_HOST": HOST, "ARGUS_HTTP_PORT": str(addresses.http[service])}
        return self.environment(addresses.url) | own
