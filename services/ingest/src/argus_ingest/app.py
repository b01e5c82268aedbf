"""The wiring of ingest: what comes in, what goes out, and what is between."""

import asyncio
from contextlib import AsyncExitStack
from zoneinfo import ZoneInfo

from argus_database.engine import open_database
from argus_http.authentication import Tokens
from argus_http.last_seen import LastSeen
from argus_ingest import background
from argus_ingest.accounts import Accounts
from argus_ingest.appending import SERVICE, IdBlocks, Log
from argus_ingest.ids import Ids
from argus_ingest.inbox.inbox import Inbox, consume
from argus_ingest.readmodel.lookups import Lookups
from argus_ingest.readmodel.positions import Positions
from argus_ingest.readmodel.postgres import Postgres
from argus_ingest.settings import Settings
from argus_ingest.sources import Sources
from argus_ingest.web.accepting import Acceptance
from argus_ingest.web.application import create_app
from argus_ingest.web.desk import Desk
from argus_ingest.web.reports import Reports
from argus_ingest.web.server import serve
from argus_runtime.broadcast import Broadcast
from argus_runtime.consumer import Loop
from argus_runtime.dead_letters import DeadLetters
from argus_runtime.health import Health
from argus_runtime.kafka import Kafka
from argus_runtime.limits import Limits
from argus_schemas.topics import IDS, SOURCES


async def run(settings: Settings, stop: asyncio.Event, health: Health) -> None:
    """Run until `stop` is set."""
    checks = {name: health.check(name) for name in ("kafka", "sources", "ids", "http")}
    degrading = {name: health.check(name, required=False) for name in ("postgres", "reports", "positions")}
    async with (
        open_database(settings.database_url, application="argus-ingest") as sessions,
        Kafka(settings) as kafka,
        AsyncExitStack() as ending,
    ):
        if not await kafka.verify_catalogue(stop=stop, check=checks["kafka"]):
            return
        positions = Positions()
        postgres = Postgres(settings.database_url, sessions, positions, degrading["postgres"])
        broadcast = Broadcast(kafka, SOURCES)
        sources = Sources(broadcast)
        producer = await kafka.producer()
        log = Log(producer, await kafka.admin())
        ids = Ids(IdBlocks(producer, await kafka.reader(IDS)))
        ending.push_async_callback(ids.close)
        lookups = Lookups(postgres, positions, log, within=settings.answer_within)
        accounts = Accounts(postgres, sources)
        tokens = Tokens(accounts.look_up, forget=accounts.forget)
        last_seen = LastSeen()
        acceptance = Acceptance(ids, log, positions, lookups, settings.answer_within)
        desk = Desk(acceptance, lookups, accounts, ZoneInfo(settings.time_zone), settings.strict_sources)
        app = create_app(desk, Reports(ids, log), background.seen_by(last_seen, tokens.holder))
        loop = Loop(
            handle=(inbox := Inbox(sources, ids, log, settings.prefix)).handle,
            dead_letters=DeadLetters(producer, SERVICE, settings.prefix),
            limits=Limits("pause", check=degrading["reports"]),
            prefix=settings.prefix,
        )
        await background.together(
            stop,
            broadcast.follow(),
            postgres.watch(),
            background.loaded(broadcast, checks["sources"]),
            background.stocked(ids, checks["ids"]),
            background.keep_last_seen(last_seen, postgres),
            main=(
                # Before, nobody could say whether a token is to be looked up in PostgreSQL or on the log.
                background.after(
                    postgres.tried, serve(app, settings.http_host, settings.http_port, stop, checks["http"])
                ),
                consume(kafka, inbox, loop, stop, degrading["positions"]),
            ),
        )
