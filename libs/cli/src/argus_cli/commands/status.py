"""`argus status`."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

import click

from argus_cli.environment import Settings, data_option, json_option, say, settings
from argus_cli.errors import DIFFERS, explained
from argus_cli.lag import Lag, of_groups, of_relay, of_store
from argus_database.engine import Sessions, open_database
from argus_runtime.kafka import Kafka

SECONDS_FOR_HEALTH = 3


@click.command("status", short_help="Show how each service is, and how far behind.")
@data_option
@json_option
def command(data: str, as_json: bool) -> None:
    """Show of each service whether it is ready, and how many records and seconds it is behind.

    Exits with 3 where a service is not ready or something cannot be reached.
    """
    facts = asyncio.run(_status(settings(data)))
    say(as_json, facts, *_told(facts))
    if facts["problems"] or not all(service["ready"] for service in facts["services"].values()):
        raise click.exceptions.Exit(DIFFERS)


async def _status(where: Settings) -> dict[str, Any]:
    addresses = where.health()
    health = await asyncio.gather(*(asyncio.to_thread(_health, address) for address in addresses.values()))
    problems: list[str] = []
    lags = await _lags(where, problems)
    return {
        "services": dict(zip(addresses, health, strict=True)),
        "lag": [asdict(lag) for lag in lags],
        "problems": list(dict.fromkeys(problems)),
    }


async def _lags(where: Settings, problems: list[str]) -> list[Lag]:
    """Return the lags that can be learned, and why the others cannot."""

    async def told(ask: Callable[[Kafka, Sessions], Awaitable[list[Lag]]]) -> list[Lag]:
        try:
            return await ask(kafka, sessions)
        except Exception as error:  # one server that is away must not hide what the other knows
            known = explained(error)
            if known is None:
                raise
            problems.append(known.message.splitlines()[0])
            return []

    async def relay(_kafka: Kafka, sessions: Sessions) -> list[Lag]:
        return [await of_relay(sessions)]

    async with open_database(where.database_url, application="argus status") as sessions, Kafka(where) as kafka:
        groups = await told(lambda kafka, _: of_groups(kafka))
        return [*groups, *await told(of_store), *await told(relay)]


def _health(address: str) -> dict[str, Any]:
    url = f"{address.rstrip('/')}/health/ready"
    try:
        with urllib.request.urlopen(url, timeout=SECONDS_FOR_HEALTH) as response:  # noqa: S310  the operator's own URL
            return _report(response.read())
    except urllib.error.HTTPError as error:
        with error:
            return _report(error.read())
    except (OSError, ValueError) as error:
        return {"ready": False, "checks": {}, "problem": f"does not answer on {address}: {error}"}


def _report(body: bytes) -> dict[str, Any]:
    try:
        report = json.loads(body)
    except ValueError:
        report = None
    if not isinstance(report, dict) or "ready" not in report:
        return {"ready": False, "checks": {}, "problem": "answers something else than its health"}
    return report


def _told(facts: dict[str, Any]) -> list[str]:
    lines = []
    for name, health in facts["services"].items():
        lines.append(f"{name:<9} {_word(health)}")
        lines += [
            f"{'':<9} {check}: {found['detail'] or 'failed'}"
            for check, found in health["checks"].items()
            if not found["ok"]
        ]
    lines += [
        f"{lag['service']:<9} {lag['what']:<16} {lag['records']:>9} records, {lag['seconds']:.1f} s behind"
        for lag in facts["lag"]
    ]
    return [*lines, *facts["problems"]]


def _word(health: dict[str, Any]) -> str:
    if problem := health.get("problem"):
        return str(problem)
    if not health["ready"]:
        return "not ready"
    return "ready" if all(check["ok"] for check in health["checks"].values()) else "ready, degraded"
