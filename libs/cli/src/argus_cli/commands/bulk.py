"""`argus incident bulk`."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from argus_cli.environment import data_option, json_option, say, settings
from argus_cli.errors import FAILED
from argus_cli.incidents.bulk import Result, Wish, change, fitting


@click.group("bulk", short_help="Do something with all incidents that fit a filter.")
def command() -> None:
    """Do something, as USERNAME, with all incidents that fit FILTER.

    FILTER is the name or the pk of a filter of the user's own, or of a public one.
    """


def _arguments(verb: Callable[..., None]) -> Callable[..., None]:
    """Add what each of these verbs is told."""
    for add in (
        click.argument("filter_", metavar="FILTER"),
        click.argument("username"),
        click.option("--dry-run", is_flag=True, help="Change nothing; say which incidents fit."),
        data_option,
        json_option,
    )[::-1]:
        verb = add(verb)
    return verb


def _moment(verb: Callable[..., None]) -> Callable[..., None]:
    """Add what is said of events."""
    verb = click.option("--timestamp", help="When it happened, in ISO 8601.  [default: now]")(verb)
    return click.option("--description", default="", help="Says why, for people.")(verb)


@command.command("ack")
@_arguments
@click.option("--expiration", help="Until when it holds, in ISO 8601.  [default: for ever]")
@_moment
def ack(timestamp: str | None, description: str, expiration: str | None, **told: Any) -> None:
    """Acknowledge the incidents that fit."""
    said = {"timestamp": timestamp or _now(), "description": description, "expiration": expiration}
    _do(Wish("acks", {"ack": said}), "Acknowledged", **told)


@command.command("close")
@_arguments
@_moment
def close(timestamp: str | None, description: str, **told: Any) -> None:
    """Close the incidents that fit and are open.

    All that fit get the event, and people may be told of it: let the filter ask for open ones.
    """
    _do(_event("CLO", timestamp, description), "Posted CLO to", **told)


@command.command("reopen")
@_arguments
@_moment
def reopen(timestamp: str | None, description: str, **told: Any) -> None:
    """Reopen the incidents that fit and are closed.

    All that fit get the event, and people may be told of it: let the filter ask for closed ones.
    """
    _do(_event("REO", timestamp, description), "Posted REO to", **told)


@command.command("ticket-url")
@_arguments
@click.argument("url")
def ticket_url(url: str, **told: Any) -> None:
    """Set the ticket of the incidents that fit to URL; an empty one takes it away."""
    _do(Wish("ticket_url", {"ticket_url": url}), "Changed the ticket of", **told)


def _event(type_: str, timestamp: str | None, description: str) -> Wish:
    return Wish("events", {"event": {"type": type_, "timestamp": timestamp or _now(), "description": description}})


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _do(
    wish: Wish, done: str, *, filter_: str, username: str, dry_run: bool, data: str | None, as_json: bool
) -> None:  # fmt: skip
    where = settings(data)
    result = Result(asyncio.run(fitting(where, filter_, username)))
    try:
        if result.fitting and not dry_run:
            asyncio.run(change(where, username, wish, result))
    finally:  # what was changed before a failure stays so
        for pk, why in result.failed.items():
            click.echo(f"Incident {pk}: {why}", err=True)
        say(as_json, asdict(result), _told(result, done, dry_run=dry_run))
    if result.failed:
        raise click.exceptions.Exit(FAILED)


def _told(result: Result, done: str, *, dry_run: bool) -> str:
    if not result.fitting:
        return "No incident fits."
    pks = ", ".join(map(str, result.fitting if dry_run else result.changed))
    if dry_run:
        return f"{_many(len(result.fitting))} would be changed: {pks}"
    return f"{done} {_many(len(result.changed))}{': ' if pks else '.'}{pks}"


def _many(number: int) -> str:
    return f"{number} incident{'' if number == 1 else 's'}"
