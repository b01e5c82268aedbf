"""`argus matcher`."""

import asyncio
from datetime import timedelta

import click

from argus_cli.environment import data_option, json_option, say, settings
from argus_cli.rebuilding.rebuild import Rebuilt, Wish, rebuild

STATES_BETWEEN_LINES = 10_000


@click.group("matcher", short_help="Give the matcher back what it remembered.")
def command() -> None:
    """Give the matcher back what it remembered."""


@command.command("rebuild", short_help="Give the matcher the open incidents of PostgreSQL.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would be written.")
@click.option("--replace", is_flag=True, help="Replace states that are there, and forget those of other incidents.")
@click.option("--skip", is_flag=True, help="Tell nobody of events that the store has and the matcher has not seen.")
@click.option(
    "--closed-days", type=click.IntRange(min=0, max=3650), default=30, show_default=True,
    help="Also incidents that were closed in so many days: a source may report them again.",
)  # fmt: skip
@data_option
@json_option
def rebuild_(closed_days: int, data: str | None, as_json: bool, **wished: bool) -> None:
    """Give the matcher the open incidents of PostgreSQL, and set its positions to those of the store.

    For use when incident-states or the matcher's positions were lost, or are those of another log. Stop every matcher
    before; the store has to run until it is not behind. Incidents of which incident-states has a state keep it. Who was
    told of an incident's start, and is to hear of its end, is taken from the notifications that PostgreSQL has; what
    waits for its time (escalations, what maintenance or damping withheld) is forgotten.
    """
    wish = Wish(**wished, closed_for=timedelta(days=closed_days))
    done = asyncio.run(rebuild(settings(data), wish, _progress))
    say(as_json, done.facts() | {"dry_run": wish.dry_run}, *_told(done, dry_run=wish.dry_run))


def _progress(done: Rebuilt) -> None:
    if (done.written + done.forgotten) % STATES_BETWEEN_LINES == 0:
        click.echo(f"{done.written + done.forgotten} states …", err=True)


def _told(done: Rebuilt, *, dry_run: bool) -> list[str]:
    would = "would be " if dry_run else ""
    lines = [f"{done.written} states {would}written; {done.told} destinations hear of an end."]
    if done.kept:
        lines.append(f"{done.kept} incidents keep the state that they have.")
    if done.forgotten:
        lines.append(f"{done.forgotten} states of other incidents {would}forgotten.")
    if passed := sum(standing.passed_over for standing in done.standings):
        lines.append(f"Nobody {'would be' if dry_run else 'is'} told of {passed} events.")
    lines += [str(standing) for standing in done.standings]
    return lines if dry_run else [*lines, "Start the matchers again: they go on from there."]
