"""The wiring of api: reads and configuration for people, and the relay that carries configuration to the log."""

import asyncio
from zoneinfo import ZoneInfo

from argus_api.announcements import hear
from argus_api.application import create_app
from argus_api.background import credentials, keep_last_seen, together
from argus_api.comparing import Comparing
from argus_api.context import Context
from argus_api.database import Database
from argus_api.logins import Logins
from argus_api.relay import Relay, publishers
from argus_api.settings import Settings
from argus_api.watch import watch_sources
from argus_database.engine import READS, open_database
from argus_http.last_seen import LastSeen
from argus_http.server import serve
from argus_media.finding import chosen
from argus_runtime.health import Check, Health
from argus_runtime.kafka import Kafka
from argus_schemas.topics import DESTINATIONS, RULES, SOURCES

CONNECTIONS = 10


async def run(settings: Settings, stop: asyncio.Event, health: Health) -> None:
    """Run until `stop` is set."""
    async with open_database(
        settings.database_url, application="argus-api", pool_size=CONNECTIONS, settings=READS
    ) as sessions:
        database = Database(sessions, health.check("postgres"))
        zone = ZoneInfo(settings.time_zone)
        callers = credentials(database)
        context = Context(
            database, callers, Logins(database, lifetime=settings.token_lifetime), zone, settings.secrets().encrypt,
            settings.time_zone, settings.base_url, settings.ticket_plugin, settings.count_within,
            settings.fallback_filter, chosen(settings.media),
        )  # fmt: skip
        last_seen = LastSeen()
        app = create_app(context, saw=last_seen.saw)
        comparing = Comparing(settings, sessions, settings.compare_interval)
        check = health.check("outbox", required=False)
        relay = Relay(settings.database_url, publishers(settings), check, comparing)
        await together(
            database.watch(stop),
            hear(settings.database_url, callers.forget, stop),
            keep_last_seen(last_seen, database, stop),
            watch_log(settings, stop, health.check("kafka", required=False)),
            relay.run(stop),
            watch_sources(settings, sessions, stop, health.check("sources", required=False)),
            main=serve(app, settings.http_host, settings.http_port, stop, trusted=settings.trusted_proxies),
        )


async def watch_log(settings: Settings, stop: asyncio.Event, check: Check) -> None:
    """Tell the check whether Kafka answers, until `stop` is set.

    Raises:
        CatalogueMismatch: the topics that the relay writes are otherwise than the catalogue says.
    """
    async with Kafka(settings) as kafka:
        if await kafka.verify_catalogue((RULES, SOURCES, DESTINATIONS), stop=stop, check=check):
            await stop.wait()
