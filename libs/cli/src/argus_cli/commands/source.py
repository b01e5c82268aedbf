"""`argus source`."""

import asyncio
from typing import Any

import click

from argus_cli.environment import Settings, data_option, json_option, say, settings
from argus_database.configuration.sources import add_source
from argus_database.configuration.tokens import create_token
from argus_database.engine import open_database
from argus_database.tables.accounts import UserRow
from argus_schemas.topics import reports_topic


@click.group("source", short_help="Add systems that report incidents.")
def command() -> None:
    """Add systems that report incidents."""


@command.command("add")
@click.argument("name")
@click.option("--type", "type_", required=True, help="Kind of system, lowercase: nav, zabbix.")
@click.option("--slug", help="Names its topic, for ever: 1 to 60 of a-z, 0-9, -. Default: made of NAME.")
@click.option("--url", default="", help="What relative addresses of its incidents are joined with.")
@click.option("--password", help="For its user; sources need none.")
@data_option
@json_option
def add(as_json: bool, data: str | None, **source: Any) -> None:
    """Add the source NAME with its user, and print its slug, its topic and a token, once."""
    facts = asyncio.run(_add(settings(data), **source))
    say(
        as_json,
        facts,
        f"Added {facts['name']} (pk {facts['pk']}).",
        f"user   {facts['username']}",
        f"slug   {facts['slug']}",
        f"topic  {facts['topic']}",
        f"token  {facts['token']}",
        "Nobody can show the token again; `argus token create` makes another.",
    )


async def _add(
    where: Settings, *, name: str, type_: str, slug: str | None, url: str, password: str | None
) -> dict[str, Any]:
    async with open_database(where.database_url) as sessions, sessions.begin() as session:
        source = await add_source(session, name, type_, slug=slug, base_url=url, password=password)
        user = await session.get_one(UserRow, source.user_id)
        return {
            "pk": source.id,
            "name": source.name,
            "type": source.type,
            "username": user.username,
            "slug": source.slug,
            "topic": where.prefix + reports_topic(source.slug).name,
            "token": await create_token(session, user.username),
        }
