"""`argus positions`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from argus_cli.environment import Settings, data_option, json_option, say, settings
from argus_cli.errors import DIFFERS
from argus_cli.positions.moving import Target, move
from argus_cli.positions.readers import READERS, Reader
from argus_cli.positions.standings import Standing, standings
from argus_database.engine import Sessions, open_database
from argus_runtime.kafka import Kafka

LEFT = 2
"""Columns of words; the others are numbers."""

T = TypeVar("T")


@click.group("positions", invoke_without_command=True, short_help="Show how far each reader of the log is, or move it.")
@data_option
@json_option
@click.pass_context
def command(context: click.Context, data: str | None, as_json: bool) -> None:
    """Show of each reader and partition its position, and where the log begins and ends.

    A position outside the log is `lost`: records between it and the log are gone, or the log is another one. Its reader
    stops, not ready, until `argus positions set` says where to go on. Exits with 3 where one is lost.
    """
    if context.invoked_subcommand is not None:
        _nothing_given(context)
        return
    found = asyncio.run(_asked(settings(data), standings))
    say(as_json, [standing.facts() for standing in found], *_table(found))
    if any(standing.lost for standing in found):
        raise click.exceptions.Exit(DIFFERS)


@command.command("set", short_help="Say where a reader goes on.")
@click.argument("reader")
@click.argument("place", metavar="TOPIC[PARTITION]")
@click.option("--earliest", is_flag=True, help="At the first record there is.")
@click.option("--latest", is_flag=True, help="After the last record there is.")
@click.option("--offset", type=click.IntRange(min=0), help="At this record.")
@data_option
@json_option
def set_(reader: str, place: str, data: str | None, as_json: bool, **target: Any) -> None:
    """Say where READER goes on in a partition, or with TOPIC alone in all of its partitions.

    The store may run meanwhile, and notices within seconds. The others must be stopped first, and go on from there when
    they are started again. READER is one of ingest, store, matcher and dispatch; quote the place: 'incident-events[3]'.
    """
    chosen = _chosen(**target)

    async def moving(kafka: Kafka, sessions: Sessions) -> list[tuple[Standing, int]]:
        return await move(kafka, sessions, reader, place, chosen)

    moved = asyncio.run(_asked(settings(data), moving))
    say(as_json, [_facts(before, after) for before, after in moved], *_told(moved))


def _facts(before: Standing, after: int) -> dict[str, Any]:
    place = before.place
    return {
        "reader": before.reader, "topic": place.topic, "partition": place.partition, "before": before.position,
        "position": after,
    }  # fmt: skip


def _nothing_given(context: click.Context) -> None:
    """Refuse options before `set`, which would not hear of them."""
    for name in context.params:
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            raise click.UsageError("options stand after `set`")


def _chosen(earliest: bool, latest: bool, offset: int | None) -> Target:
    if (earliest, latest, offset is not None).count(True) != 1:
        raise click.UsageError("say one of --earliest, --latest and --offset")
    if offset is not None:
        return offset
    return "earliest" if earliest else "latest"


async def _asked(where: Settings, question: Callable[[Kafka, Sessions], Awaitable[T]]) -> T:
    async with open_database(where.database_url, application="argus positions") as sessions, Kafka(where) as kafka:
        return await question(kafka, sessions)


def _table(found: Sequence[Standing]) -> list[str]:
    rows = [("reader", "partition", "position", "start", "end", "lag", "")]
    rows += [
        (one.reader, str(one.place), _shown(one.position), str(one.first), str(one.end), str(one.lag), _word(one))
        for one in found
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if number < LEFT else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _shown(position: int | None) -> str:
    return "-" if position is None else str(position)


def _word(standing: Standing) -> str:
    return "lost" if standing.lost else ""


def _next(standing: Standing) -> int:
    return standing.first if standing.position is None else standing.position


def _told(moved: Sequence[tuple[Standing, int]]) -> list[str]:
    reader = READERS[moved[0][0].reader]
    lines = [f"{before.place}: {_shown(before.position)} -> {after}" for before, after in moved]
    if any(after < _next(before) for before, after in moved):
        lines.append(reader.again)
    if any(after > _next(before) for before, after in moved):
        lines.append(reader.passed)
    return [*lines, _goes_on(reader)]


def _goes_on(reader: Reader) -> str:
    if reader.in_postgresql:
        return f"A {reader.name} that runs goes on from there within seconds."
    return f"Start {reader.name} again: it goes on from there."
