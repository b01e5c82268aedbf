"""Kafka topics of other people: the document that webhooks get, as a record."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

from argus_dispatch.media.addresses import CheckedResolver, ForbiddenAddress, is_allowed, is_numeric
from argus_dispatch.media.web import encoded
from argus_dispatch.representation import notification_view
from argus_dispatch.settings import Network, Settings
from argus_media import Letter, MediumUnavailable, Undeliverable
from argus_media.bundled.kafka import KafkaSettings, topic_at
from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka.foreign import Refused, send_abroad


class KafkaTopic:
    """Sends each notification as one record, whose key is the incident."""

    settings = KafkaSettings

    def __init__(self, addresses: "Addresses", settings: Settings) -> None:
        self.at_once = settings.kafka_connections
        self._addresses = addresses
        self._zone = ZoneInfo(settings.time_zone)

    async def send(self, letter: Letter) -> int | None:
        """Send one record; Kafka has no codes."""
        notification = letter.notification
        brokers, topic = topic_at(letter.settings.address)
        try:
            await send_abroad(
                brokers,
                topic,
                str(notification.incident.pk).encode(),
                encoded(notification_view(notification, self._zone)),
                headers=[("notification", str(notification.id).encode())],
                check=self._addresses.one,
            )
        except (ForbiddenAddress, Refused) as error:
            raise Undeliverable(str(error)) from error
        except (LogUnavailable, OSError) as error:
            raise MediumUnavailable(f"no broker: {error}") from error
        return None


class Addresses:
    """Finds an address of a host that may be connected to."""

    def __init__(self, resolver: CheckedResolver, allowed: tuple[Network, ...]) -> None:
        self._resolver = resolver
        self._allowed = allowed

    async def one(self, host: str) -> str:
        """Return an allowed address of a host.

        Raises:
            ForbiddenAddress: it has none.
            OSError: nobody knows the host.
        """
        if is_numeric(host):
            if not is_allowed(host, self._allowed):
                raise ForbiddenAddress(f"{host} is not a public address")
            return host
        return (await self._resolver.resolve(host))[0]["host"]


@asynccontextmanager
async def open_kafka(settings: Settings) -> AsyncIterator[KafkaTopic]:
    """Give the medium; connections are made for each record."""
    resolver = CheckedResolver(settings.webhook_allow)
    try:
        yield KafkaTopic(Addresses(resolver, settings.webhook_allow), settings)
    finally:
        await resolver.close()
