"""The parts of the local stack, in the order in which they start."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from aiohttp import ClientSession

from argus_local.addresses import HOST, Addresses, Backends, given
from argus_local.cache import tell
from argus_local.data import DataFolder, read_json, write_private
from argus_local.errors import StartFailed
from argus_local.health import Report, ask, until_well, watch
from argus_local.kafka import Kafka
from argus_local.mailbox import mailbox
from argus_local.postgres import Postgres
from argus_local.programs import Program
from argus_local.ready import answers, aside, knows_rules, until_ready
from argus_local.supervisor import Supervisor
from argus_runtime.secrets import new_key

SERVER_SECONDS = 90.0
SERVICE_SECONDS = 90.0
STOP_SERVERS_SECONDS = 3.0
STOP_SERVICES_SECONDS = 4.0
"""Together well below the ten seconds in which all has stopped, on a busy machine too."""


@asynccontextmanager
async def servers(data: DataFolder, addresses: Addresses, supervisor: Supervisor) -> AsyncIterator[Backends]:
    """Run PostgreSQL, Kafka and a mailbox, each unless another is given by the environment."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback(supervisor.stop, ("kafka", "postgres"), STOP_SERVERS_SECONDS)
        database, kafka = given("DATABASE_URL"), given("KAFKA_BOOTSTRAP_SERVERS")
        postgres = None if database else await _start_postgres(data, addresses, supervisor)
        if not kafka:
            kafka = await _start_kafka(data, addresses, supervisor)
        if postgres:
            await until_ready(supervisor.children["postgres"], answers(postgres), SERVER_SECONDS)
            database = await aside(lambda: postgres.create_database("argus"))
        smtp = given("SMTP_HOST")
        if not smtp:
            await stack.enter_async_context(mailbox(data.mail, addresses.smtp, tell))
        yield Backends(
            kafka=kafka,
            database=database or "",
            smtp_host=smtp or HOST,
            smtp_port=(given("SMTP_PORT") or "25") if smtp else str(addresses.smtp),
            secret_keys=_secret_keys(data),
            mail_caught=not smtp,
        )


async def _start_postgres(data: DataFolder, addresses: Addresses, supervisor: Supervisor) -> Postgres:
    tell("starting PostgreSQL")
    postgres = Postgres(data.postgres, port=addresses.postgres)
    await aside(postgres.prepare)
    supervisor.start(postgres.program())
    return postgres


async def _start_kafka(data: DataFolder, addresses: Addresses, supervisor: Supervisor) -> str:
    tell("starting Kafka")
    kafka = Kafka(data.kafka, port=addresses.kafka)
    await aside(kafka.prepare)
    child = supervisor.start(kafka.program())
    await until_ready(child, answers(kafka), SERVER_SECONDS)
    return kafka.bootstrap_servers


def _secret_keys(data: DataFolder) -> str:
    if keys := given("SECRET_KEYS"):
        return keys
    if not data.secret_keys.exists():
        write_private(data.secret_keys, new_key())
    return data.secret_keys.read_text().strip()


async def install(data: DataFolder, environment: Mapping[str, str], *, demo: bool) -> dict[str, Any]:
    """Make tables, topics and accounts where they are missing, and return the credentials.

    Raises:
        StartFailed: something refused; the message is the last line that was said.
    """
    options = [] if demo else ["--no-demo"]
    if given("DATABASE_URL"):
        options.append("--keep-passwords")  # its accounts may be somebody's
    command = (sys.executable, "-m", "argus_local.installation", str(data.root), *options)
    program = Program("installation", command, data.logs / "installation.log", environment)
    process = program.launch()
    try:
        code = await aside(process.wait)
    finally:
        process.kill()
    if code:
        raise StartFailed(f"the installation failed, see {program.log}: {program.complaint()}")
    credentials = read_json(data.credentials)
    return {name: account for name, account in credentials.items() if demo or name != "demo"}


@asynccontextmanager
async def services(
    names: Collection[str], data: DataFolder, addresses: Addresses, backends: Backends, supervisor: Supervisor
) -> AsyncIterator[None]:
    """Run the services of these names."""
    try:
        for name in names:
            supervisor.start(
                Program(
                    name,
                    (sys.executable, "-m", f"argus_{name}"),
                    data.logs / f"{name}.log",
                    backends.environment_of(name, addresses),
                )
            )
        yield
    finally:
        await supervisor.stop(names, STOP_SERVICES_SECONDS)


async def until_all_ready(names: Collection[str], addresses: Addresses, supervisor: Supervisor, *, demo: bool) -> None:
    """Return once every service says that it is ready, and with `demo` the matcher knows whom to tell."""
    async with ClientSession() as session:
        waits = (
            until_well(supervisor.children[name], _question(session, addresses, name), SERVICE_SECONDS)
            for name in names
        )
        await asyncio.gather(*waits)
        if demo and {"api", "matcher"} <= set(names):
            # The relay publishes the newcomer's profile in the second after its start: the first incident waits for it.
            ready = knows_rules(session, f"{addresses.metrics_url('matcher')}/metrics")
            await until_ready(supervisor.children["matcher"], ready, SERVICE_SECONDS)


async def watch_all(names: Collection[str], addresses: Addresses, supervisor: Supervisor) -> None:
    """Tell of services that come to need their operator, until cancelled."""
    async with ClientSession() as session:
        await asyncio.gather(*(watch(supervisor.children[name], _question(session, addresses, name)) for name in names))


def _question(session: ClientSession, addresses: Addresses, name: str) -> Callable[[], Awaitable[Report]]:
    return partial(ask, session, f"{addresses.metrics_url(name)}/health/ready")
