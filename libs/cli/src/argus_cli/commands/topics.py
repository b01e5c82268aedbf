"""`argus topics`."""

import asyncio
from typing import Any

import click

from argus_cli.environment import Settings, data_option, json_option, say, settings
from argus_cli.errors import DIFFERS
from argus_cli.topics import Created, create, differences


@click.command("topics", short_help="Create the topics, or check them.")
@click.option("--check", is_flag=True, help="Change nothing; exit with 3 where the broker differs from the catalogue.")
@data_option
@json_option
def command(check: bool, data: str | None, as_json: bool) -> None:
    """Create the topics that are missing, those of all sources included.

    Safe to repeat. Needs the tables (`argus migrate`), since new ids begin above those that they have.
    """
    where = settings(data)
    if check:
        _check(where, as_json)
    else:
        made = asyncio.run(create(where))
        say(as_json, _facts(made), *_told(made))


def _check(where: Settings, as_json: bool) -> None:
    found = asyncio.run(differences(where))
    say(as_json, {"differences": found}, *(found or ["The topics are as the catalogue says."]))
    if found:
        raise click.exceptions.Exit(DIFFERS)


def _facts(made: Created) -> dict[str, Any]:
    return {"created": made.topics, "ids_above": made.ids_above, "documents_published_anew": made.republished}


def _told(made: Created) -> list[str]:
    lines = [f"created {name}" for name in made.topics] or ["All topics are there."]
    if made.ids_above is not None:
        lines.append(f"New ids begin above {made.ids_above}.")
    if made.republished:
        lines.append("The configuration will be published anew.")
    return lines
