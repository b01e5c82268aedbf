"""`argus user`."""

import asyncio
from dataclasses import dataclass
from typing import Any

import click

from argus_cli.environment import Settings, data_option, json_option, say, settings
from argus_cli.errors import MISUSED, Failure
from argus_database.configuration.users import add_user, set_active, set_password
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
@click.option("--password", help="Visible to others on this machine; better: --password-stdin.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@data_option
@json_option
def add(as_json: bool, data: str | None, password: str | None, password_stdin: bool, **person: Any) -> None:
    """Add the user NAME, with the timeslot `All the time`."""
    facts = asyncio.run(_add(settings(data), Person(password=_password(password, password_stdin), **person)))
    say(as_json, facts, f"Added {facts['username']} (pk {facts['pk']}).")


@command.command("password")
@click.argument("name")
@click.option("--password", help="Visible to others on this machine; better: --password-stdin.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@data_option
def change_password(name: str, password: str | None, password_stdin: bool, data: str | None) -> None:
    """Give the user NAME another password."""
    new = _password(password, password_stdin)
    if new is None:
        raise Failure("No password was given.", "Say --password or --password-stdin.", MISUSED)
    asyncio.run(_change_password(settings(data), name, new))
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


def _password(given: str | None, from_stdin: bool) -> str | None:
    if given is not None and from_stdin:
        raise Failure("--password and --password-stdin exclude each other.", code=MISUSED)
    if from_stdin:
        given = click.get_text_stream("stdin").readline().rstrip("\r\n")
    if given == "":
        raise Failure("The password is empty.", code=MISUSED)
    return given


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
