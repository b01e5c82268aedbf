"""`argus token`."""

import asyncio
import math
from datetime import timedelta

import click

from argus_cli.environment import Settings, data_option, json_option, say, settings
from argus_database.configuration.tokens import create_token, revoke_tokens
from argus_database.engine import open_database

LONGEST_DAYS = 36_500


class Days(click.FloatRange):
    """A number of days; click's own range lets `nan` pass."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number.

        Raises:
            click.BadParameter: it is none, or not in the range.
        """
        days: float = super().convert(value, param, ctx)
        if math.isnan(days):
            self.fail(f"{value!r} is not in the range {self._describe_range()}.", param, ctx)
        return days


@click.group("token", short_help="Make keys for the API, and take them back.")
def command() -> None:
    """Make keys for the API, and take them back."""


@command.command("create")
@click.argument("username")
@click.option(
    "--expires",
    type=Days(min=0, min_open=True, max=LONGEST_DAYS),
    metavar="DAYS",
    help=f"Default: never; at most {LONGEST_DAYS}.",
)
@data_option
@json_option
def create(username: str, expires: float | None, data: str | None, as_json: bool) -> None:
    """Give USERNAME another token and print it, once."""
    key = asyncio.run(_create(settings(data), username, None if expires is None else timedelta(days=expires)))
    say(as_json, {"username": username, "token": key, "expires_in_days": expires}, key)


@command.command("revoke")
@click.argument("username")
@data_option
@json_option
def revoke(username: str, data: str | None, as_json: bool) -> None:
    """Take back all tokens of USERNAME, those of its logins too; browsers stay logged in."""
    revoked = asyncio.run(_revoke(settings(data), username))
    tokens = "token" if revoked == 1 else "tokens"
    say(as_json, {"username": username, "revoked": revoked}, f"{revoked} {tokens} of {username} will not do any more.")


async def _create(where: Settings, username: str, expires: timedelta | None) -> str:
    async with open_database(where.database_url) as sessions, sessions.begin() as session:
        return await create_token(session, username, expires=expires)


async def _revoke(where: Settings, username: str) -> int:
    async with open_database(where.database_url) as sessions, sessions.begin() as session:
        return await revoke_tokens(session, username)
