"""`argus incident`."""

import asyncio
import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import click

from argus_cli.commands.bulk import command as bulk
from argus_cli.environment import data_option, json_option, say, settings
from argus_cli.errors import MISUSED, Failure
from argus_cli.incidents import closing, creating
from argus_cli.incidents.files import json_in
from argus_domain import durations

MOST_AT_ONCE = 100_000
FILE = click.Path(dir_okay=False, path_type=Path)
EXCLUDED = "--file excludes all that says something about an incident."


class Duration(click.ParamType):
    """A duration, in the ways in which sources write theirs."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the duration.

        Raises:
            click.BadParameter: it is none.
        """
        found = durations.parsed(str(value))
        if found is None:
            self.fail(f"{value!r} is no duration such as `1 02:30:00`, 5400 or PT90M.", param, ctx)
        return found


@click.group("incident", short_help="Create incidents to try things with; close or change many.")
def command() -> None:
    """Create incidents to try things with; close or change many.

    All of it goes through the HTTP API, for which ARGUS_URL says where it is.
    """


command.add_command(bulk)


@command.command("create", short_help="Create incidents to try things with.")
@click.option("-b", "--batch", type=click.IntRange(1, MOST_AT_ONCE), help="As many at once.  [default: 1]")
@click.option("-d", "--description")
@click.option("-l", "--level", type=click.IntRange(1, 5), help="1 is critical, 5 information.  [default: any]")
@click.option("-t", "--tag", "tags", multiple=True, metavar="KEY=VALUE", help="Repeatable; replaces the usual three.")
@click.option("-s", "--source", help="Name of its source, made where it is missing.  [default: argus]")
@click.option("--source-type", help="Type of that source, where there are several or it is made.  [default: argus]")
@click.option("--stateless", is_flag=True, help="It is a moment, neither open nor closed.")
@click.option("--metadata", metavar="JSON")
@click.option("--metadata-file", type=FILE, help="File with the metadata as JSON.")
@click.option("-f", "--file", "files", type=FILE, multiple=True, help="JSON file with all of an incident; repeatable.")
@data_option
@json_option
def create(files: tuple[Path, ...], data: str | None, as_json: bool, **said: Any) -> None:
    """Create incidents to try things with, with a random number as their id and level.

    A file has any of description, level, tags, source, source_type, stateful and metadata.
    """
    if files and any(said.values()):
        raise Failure(EXCLUDED, code=MISUSED)
    wishes = [creating.wish_in(file) for file in files] or _wishes(**said)
    made: list[dict[str, Any]] = []

    def tell(incident: dict[str, Any]) -> None:
        made.append(incident)
        if not as_json:
            click.echo(f"{incident['pk']:>6}  {incident['description']}")

    try:
        asyncio.run(creating.create(settings(data), wishes, Random(), tell))  # noqa: S311  numbers, not secrets
    finally:  # what was made before a failure is there
        say(as_json, {"incidents": made})


@command.command("close", short_help="Close an incident.")
@click.option("--id", "pk", type=int, help="Its pk.")
@click.option("--source", help="Name of its source; with --source-incident-id.")
@click.option("--source-incident-id", help="The source's own id of it.")
@click.option("--duration", "least", type=Duration(), help="Only if open for so long: `1 02:30:00`, 5400, PT90M.")
@click.option("--closing-message", "message", default="", help="Says why, for people.")
@click.option("-f", "--file", "files", type=FILE, multiple=True, help="JSON file with these options; repeatable.")
@data_option
@json_option
def close(files: tuple[Path, ...], data: str | None, as_json: bool, **said: Any) -> None:
    """Close an incident, by the user of its source, which counts as a sign of life of that source.

    A file has id, or source and source_incident_id, and maybe duration and closing_message. A file that is unusable is
    reported and the next one taken; an incident that is not there ends it. Neither changes the exit code.
    """
    result = closing.Result()
    orders = _orders(files, said, result)
    try:
        asyncio.run(closing.close(settings(data), orders, result))
    finally:  # what was closed before a failure stays so
        for problem in result.problems:
            click.echo(f"Error: {problem}", err=True)
        left = [f"Incident {pk} {why}; it stays as it is." for pk, why in result.left.items()]
        say(as_json, asdict(result), *(f"Incident {pk} is closed." for pk in result.closed), *left)


def _wishes(
    batch: int | None, tags: tuple[str, ...], stateless: bool, metadata: str | None, metadata_file: Path | None,
    **said: Any,
) -> list[creating.Wish]:  # fmt: skip
    if metadata is not None and metadata_file is not None:
        raise Failure("--metadata and --metadata-file exclude each other.", code=MISUSED)
    if said["source_type"] is not None and said["source"] is None:
        raise Failure("--source-type says nothing without --source.", code=MISUSED)
    known = {} if metadata is None else {"metadata": _json(metadata)}
    if metadata_file is not None:
        known = {"metadata": json_in(metadata_file)}
    return [creating.Wish(tags=tags, stateful=not stateless, **known, **said)] * (batch or 1)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Failure(f"--metadata is no JSON: {error}.", code=MISUSED) from error


def _orders(files: tuple[Path, ...], said: dict[str, Any], result: closing.Result) -> list[closing.Order]:
    if not files:
        whole = said["source"] is not None and said["source_incident_id"] is not None
        if said["pk"] is None and not whole:
            raise Failure("No incident was named.", "Say --id, --source and --source-incident-id, or --file.", MISUSED)
        return [closing.Order(**said)]
    if any(value is not None and value != "" for value in said.values()):
        raise Failure(EXCLUDED, code=MISUSED)
    orders = []
    for file in files:
        try:
            orders.append(closing.order_in(file))
        except Failure as failure:
            result.problems.append(failure.message)
    return orders
