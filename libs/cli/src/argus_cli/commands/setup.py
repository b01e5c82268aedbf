"""`argus setup`."""

import asyncio
import secrets
from dataclasses import dataclass

import click
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_cli import topics
from argus_cli.environment import Settings, data_option, json_option, say, settings
from argus_cli.passwords import password_options
from argus_database import migrate as migrations
from argus_database.configuration.own import own_source
from argus_database.configuration.users import add_user
from argus_database.engine import open_database
from argus_database.tables.accounts import UserRow

BYTES_OF_A_PASSWORD = 12


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who is to be let in first."""

    username: str
    email: str
    password: str


@click.command("setup", short_help="Make a new installation ready: tables, topics, an administrator.")
@click.option("-u", "--username", default="admin", show_default=True, help="Name of the administrator.")
@click.option("-e", "--email", default="", help="Address of the administrator; makes a destination of it, too.")
@password_options
@data_option
@json_option
def command(username: str, email: str, password: str | None, data: str | None, as_json: bool) -> None:
    """Make a new installation ready: tables, topics, the source `argus` and an administrator.

    Without a password the administrator gets a random one, which is printed, once. Safe to repeat: what is there stays
    as it is, also the password.
    """
    where = settings(data)
    admin = Administrator(username, email, password or secrets.token_urlsafe(BYTES_OF_A_PASSWORD))
    migrations.migrate(where.database_url)
    problem = asyncio.run(_fill(where, admin))
    added = problem is None
    random = admin.password if added and password is None else None
    if problem is not None:
        click.echo(
            f"Warning: {problem}\nIt stays as it is; `argus user set-password` gives it another password.", err=True
        )
    say(
        as_json,
        {"username": username, "added": added, "password": random},
        *([f"Added the administrator {username}."] if added else []),
        *([f"password  {random}", "Nobody can show the password again."] if random else []),
        "Tables and topics are there; the services may start.",
    )


async def _fill(where: Settings, admin: Administrator) -> str | None:
    """Make what is missing; return why there is no new administrator."""
    async with open_database(where.database_url) as sessions:
        async with sessions.begin() as session:
            await own_source(session)
        await topics.create(where)  # after the source, whose topic is among them
        async with sessions.begin() as session:
            return await _add(session, admin, where.time_zone)


async def _add(session: AsyncSession, admin: Administrator, zone: str) -> str | None:
    known = await session.scalar(select(UserRow.is_superuser).where(UserRow.username == admin.username))
    if known is not None:
        kind = "an administrator" if known else "a user, not an administrator,"
        return f"There is already {kind} named {admin.username!r}."
    await add_user(
        session, admin.username, password=admin.password, email=admin.email, is_superuser=True, zone=zone
    )  # fmt: skip
    return None
