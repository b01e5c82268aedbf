"""`argus topics`."""

import asyncio
from typing import Any

import click

from argus_cli.documents import compare
from argus_cli.environment import Settings, data_option, json_option, say, settings
from argus_cli.errors import DIFFERS
from argus_cli.topics import Created, create, differences


@click.command("topics", short_help="Create the topics, or check them.")
@click.option("--check", is_flag=True, help="Change nothing; exit with 3 where the broker differs from the catalogue.")
@click.option("--documents", is_flag=True, help="Compare the configuration on the topics with the tables, instead.")
@data_option
@json_option
def command(check: bool, documents: bool, data: str | None, as_json: bool) -> None:
    """Create the topics that are missing, those of all sources included.

    Safe to repeat. Needs the tables (`argus migrate`), since new ids begin above those that they have.

    With --documents nothing is created: documents on rules, sources and destinations that are not as the tables say are
    published anew, or with --check only named. api does that every hour by itself.
    """
    where = settings(data)
    if documents:
        _compare(where, as_json, check)
    elif check:
        _check(where, as_json)
    else:
        made = asyncio.run(create(where))
        say(as_json, _facts(made), *_told(made))


def _check(where: Settings, as_json: bool) -> None:
    found = asyncio.run(differences(where))
    say(as_json, {"differences": found}, *(found or ["The topics are as the catalogue says."]))
    if found:
        raise click.exceptions.Exit(DIFFERS)


def _compare(where: Settings, as_json: bool, check: bool) -> None:
    found = asyncio.run(compare(where, repair=not check))
    verdict = f"{len(found)} differ." if check else f"{len(found)} differed, and will be published anew."
    lines = [*map(str, found), verdict] if found else ["The documents are as the tables say."]
    say(as_json, {"differences": [one.facts() for one in found]}, *lines)
    if check and found:
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
