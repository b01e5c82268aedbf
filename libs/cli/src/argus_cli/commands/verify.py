"""`argus verify`."""

import asyncio

import click

from argus_cli.environment import data_option, json_option, say, settings
from argus_cli.errors import DIFFERS
from argus_cli.verification.audit import audit


@click.command("verify", short_help="Compare the rows of PostgreSQL with the log.")
@data_option
@json_option
def command(data: str | None, as_json: bool) -> None:
    """Fold the log anew and compare it with the rows of PostgreSQL.

    Every record that the store has taken must be a row, an outcome or a dead letter; every incident, event,
    notification and attempt must be as the log says. Exits with 3 where something differs. Changes nothing.
    """
    findings = asyncio.run(audit(settings(data)))
    counts = dict(sorted(findings.counts.items()))
    verdict = f"{len(findings.lines)} differences." if findings.lines else "The rows agree with the log."
    say(
        as_json,
        {"counts": counts, "findings": findings.lines},
        *(f"{many:>10} {what}" for what, many in counts.items()),
        *findings.shown(),
        verdict,
    )
    if findings.lines:
        raise click.exceptions.Exit(DIFFERS)
