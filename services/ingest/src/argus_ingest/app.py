"""The wiring of ingest: what comes in, what goes out, and what is between."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

from argus_database.engine import open_database
from argus_http.authentication import Credentials, Sessions, Tokens
from argus_http.last_seen import LastSeen
from argus_http.server import serve
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
from argus_ingest.web.rates import Rates
from argus_ingest.web.reports import Reports
from argus_ingest.web.ticketing import Ticketing
from argus_runtime.broadcast import Broadcast
from argus_runtime.consumer import Loop
from argus_runtime.dead_letters import DeadLetters
from argus_runtime.health import Check, Health
from argus_runtime.kafka import Kafka, Producer
from argus_runtime.limits import Limits
from argus_schemas.topics import IDS, SOURCES
from argus_tickets import load

REQUIRED = ("kafka", "sources", "ids", "http")
DEGRADING = ("postgres", "inbox", "reports", "positions")


async def run(settings: Settings, stop: asyncio.Event, health: Health) -> None:
    """Run until `stop` is set."""
    checks = {name: health.check(name, required=name in REQUIRED) for name in (*REQUIRED, *DEGRADING)}
    async with (
        open_database(settings.database_url, application="argus-ingest") as sessions,
        Kafka(settings) as kafka,
    ):
        if await kafka.verify_catalogue(stop=stop, check=checks["kafka"]):
            postgres = Postgres(settings.database_url, sessions, Positions(), checks["postgres"])
            await accept(kafka, postgres, settings, checks, stop)


async def accept(
    kafka: Kafka, postgres: Postgres, settings: Settings, checks: Mapping[str, Check], stop: asyncio.Event
) -> None:
    """Accept requests and what sources report on their topics, until `stop` is set."""
    producer, broadcast, last_seen = await kafka.producer(), Broadcast(kafka, SOURCES), LastSeen()
    log, sources = Log(producer, await kafka.admin()), Sources(broadcast)
    accounts = Accounts(postgres, sources)
    credentials = Credentials(Tokens(accounts.look_up, forget=accounts.forget), Sessions(accounts.session))
    postgres.on_account(credentials.forget)
    holder = background.seen_by(last_seen, credentials.holder)
    rates = Rates(settings.rate_limit, settings.rate_burst)
    async with open_ids(kafka, producer) as ids:
        desk = open_desk(settings, ids, log, postgres, accounts)
        app = create_app(desk, Reports(ids, log, desk.lookups.many), holder, rates)
        inbox = Inbox(sources, ids, log, settings.prefix, last_seen.saw)
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
                    postgres.tried, serve(app, settings.http_host, settings.http_port, stop, check=checks["http"])
                ),
                consume(kafka, inbox, loop(inbox, producer, checks), stop, checks["positions"]),
            ),
        )


@asynccontextmanager
async def open_ids(kafka: Kafka, producer: Producer) -> AsyncGenerator[Ids, None]:
    """Give the stock of ids, which fills itself up from the log."""
    ids = Ids(IdBlocks(producer, await kafka.reader(IDS)))
    try:
        yield ids
    finally:
        await ids.close()


def open_desk(settings: Settings, ids: Ids, log: Log, postgres: Postgres, accounts: Accounts) -> Desk:
    """Return what handlers write through: records go to the log, and their answers come from the read model."""
    within = settings.answer_within
    lookups = Lookups(postgres, postgres.positions, log, within=within)
    acceptance = Acceptance(ids, log, postgres.positions, lookups, within)
    tickets = Ticketing(lambda: load(settings.ticket_plugin, settings), settings.base_url)
    zone = ZoneInfo(settings.time_zone)
    return Desk(acceptance, lookups, accounts, zone, tickets, settings.strict_sources, settings.indelible_incidents)


def loop(inbox: Inbox, producer: Producer, checks: Mapping[str, Check]) -> Loop:
    """Return what handles the reports of sources; `checks` say where it cannot, and which topics pause for bad ones."""
    return Loop(
        handle=inbox.handle,
        dead_letters=DeadLetters(producer, SERVICE, inbox.prefix),
        limits=Limits("pause", check=checks["reports"]),
        prefix=inbox.prefix,
        check=checks["inbox"],
    )
