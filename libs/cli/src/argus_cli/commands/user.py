"""`argus user`."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from ipaddress import ip_address
from typing import Any
from zoneinfo import ZoneInfo

import click

from argus_cli.environment import Settings, data_option, json_option, say, settings
from argus_cli.errors import MISUSED, Failure
from argus_cli.passwords import VARIABLE, password_options
from argus_database.configuration.leaving import delete_user
from argus_database.configuration.login_limits import forget_failures
from argus_database.configuration.quiet import set_quiet
from argus_database.configuration.users import add_user, set_active, set_password, user_named
from argus_database.engine import open_database


@click.group("user", short_help="Add people and let them in or out.")
def command() -> None:
    """Add people and let them in or out."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user to be added."""

    name: str
    email: str
    first_name: str
    last_name: str
    admin: bool
    password: str | None


@command.command("add")
@click.argument("name")
@click.option("--email", default="", help="Address; makes a destination of it, too.")
@click.option("--first-name", default="")
@click.option("--last-name", default="")
@click.option("--admin", is_flag=True, help="May do everything.")
@password_options
@data_option
@json_option
def add(as_json: bool, data: str | None, password: str | None, **person: Any) -> None:
    """Add the user NAME, with the timeslot `All the time`."""
    facts = asyncio.run(_add(settings(data), Person(password=password, **person)))
    say(as_json, facts, f"Added {facts['username']} (pk {facts['pk']}).")


@command.command("set-password")
@click.argument("name")
@password_options
@data_option
def change_password(name: str, password: str | None, data: str | None) -> None:
    """Give the user NAME another password, asked for where none is given.

    Browsers that are logged in with the old one are logged out; tokens stay.
    """
    if password is None and click.get_text_stream("stdin").isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if password is None:
        raise Failure("No password was given.", f"Say --password or --password-stdin, or set {VARIABLE}.", MISUSED)
    asyncio.run(_change_password(settings(data), name, password))
    click.echo(f"{name} has another password.")


@command.command("deactivate")
@click.argument("name")
@data_option
def deactivate(name: str, data: str | None) -> None:
    """Keep the user NAME out, and tell it nothing any more."""
    asyncio.run(_set_active(settings(data), name, active=False))
    click.echo(f"{name} is inactive.")


@command.command("activate")
@click.argument("name")
@data_option
def activate(name: str, data: str | None) -> None:
    """Let the user NAME in again."""
    asyncio.run(_set_active(settings(data), name, active=True))
    click.echo(f"{name} is active.")


@command.command("delete")
@click.argument("name")
@data_option
def delete(name: str, data: str | None) -> None:
    """Delete the user NAME with all that it has configured, if no incident tells of it."""
    asyncio.run(_delete(settings(data), name))
    click.echo(f"{name} is deleted.")


@command.command("unlock")
@click.argument("name")
@click.option("--address", metavar="IP", help="Let all others who log in from there try again, too.")
@data_option
def unlock(name: str, address: str | None, data: str | None) -> None:
    """Let the user NAME log in again after too many failures."""
    asyncio.run(_unlock(settings(data), name, _checked(address)))
    click.echo(f"{name} may try to log in again.")


@command.command("quiet")
@click.argument("name")
@click.option("--until", metavar="MOMENT", help="In ISO 8601, at most 30 days ahead.  [default: tell it again]")
@data_option
def quiet(name: str, until: str | None, data: str | None) -> None:
    """Tell the user NAME of nothing until a moment, or again; it can also wish so itself, over the API."""
    where = settings(data)
    moment = until and _moment(until, ZoneInfo(where.time_zone))
    asyncio.run(_set_quiet(where, name, moment or None))
    click.echo(f"{name} is quiet until {moment:%Y-%m-%d %H:%M} UTC." if moment else f"{name} is told.")


def _moment(text: str, zone: tzinfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(str(error), param_hint="'--until'") from error


def _checked(address: str | None) -> str | None:
    try:
        return address and str(ip_address(address))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--address'") from error


async def _add(where: Settings, person: Person) -> dict[str, Any]:
    async with open_database(where.database_url) as sessions, sessions.begin() as session:
        user = await add_user(
            session, person.name, password=person.password, email=person.email, first_name=person.first_name,
            last_name=person.last_name, is_superuser=person.admin, zone=where.time_zone,
        )  # fmt: skip
        return {"pk": user.id, "username": user.username, "email": user.email, "is_superuser": user.is_superuser}


async def _change_password(where: Settings, name: str, password: str) -> None:
    async with open_database(where.database_url) as sessions, sessions.begin() as session:
        await set_password(session, name, password)


async def _set_active(where: Settings, name: str, *, active: bool) -> None:
    async with open_database(where.database_url) as sessions, sessions.begin() as session:
        await set_active(session, name, active=active)


async def _delete(where: Settings, name: str) -> None:
    async with open_database(where.database_url) as sessions, sessions.begin() as session:
        await delete_user(session, name)


async def _unlock(where: Settings, name: str, address: str | None) -> None:
    async with open_database(where.database_url) as sessions, sessions.begin() as session:
        await forget_failures(session, name, address)


async def _set_quiet(where: Settings, name: str, until: datetime | None) -> None:
    async with open_database(where.database_url) as sessions, sessions.begin() as session:
        await set_quiet(session, (await user_named(session, name)).id, until)
