"""`argus profile`."""

import asyncio

import click

from argus_cli.environment import Settings, data_option, json_option, say, settings
from argus_cli.errors import FAILED
from argus_database.configuration.profiles import toggle_profiles
from argus_database.engine import open_database


@click.group("profile", short_help="Turn notification profiles on and off.")
def command() -> None:
    """Turn notification profiles on and off."""


@command.command("toggle")
@click.argument("pks", metavar="PK...", type=click.IntRange(min=1), nargs=-1, required=True)
@data_option
@json_option
def toggle(pks: tuple[int, ...], data: str | None, as_json: bool) -> None:
    """Make each active profile PK inactive, and each inactive one active, whosever it is.

    A profile that is not there is reported, and the exit status is 1; the others are toggled all the same.
    """
    active = asyncio.run(_toggle(settings(data), frozenset(pks)))
    wished = list(dict.fromkeys(pks))
    unknown = [pk for pk in wished if pk not in active]
    for pk in unknown:
        click.echo(f"There is no profile {pk}.", err=True)
    lines = [f"Profile {pk} is {'active' if active[pk] else 'inactive'}." for pk in wished if pk in active]
    say(as_json, {"active": active, "unknown": unknown}, *lines)
    if unknown:
        raise click.exceptions.Exit(FAILED)


async def _toggle(where: Settings, pks: frozenset[int]) -> dict[int, bool]:
    async with open_database(where.database_url) as sessions, sessions.begin() as session:
        return await toggle_profiles(session, pks)
