"""`argus status`."""

import asyncio
import json
import urllib.error
import urllib.request
from dataclasses import asdict
from typing import Any

import click

from argus_cli.answers import Answer, answers
from argus_cli.environment import Settings, data_option, json_option, say, settings
from argus_cli.errors import DIFFERS

SECONDS_FOR_HEALTH = 3


@click.command("status", short_help="Show how each service is, and how far behind.")
@data_option
@json_option
def command(data: str | None, as_json: bool) -> None:
    """Show of each service whether it is ready, and how many records and seconds it is behind.

    Exits with 3 where a service is not ready or something cannot be reached.
    """
    facts = asyncio.run(_status(settings(data)))
    say(as_json, facts, *_told(facts))
    if facts["problems"] or not all(service["ready"] for service in facts["services"].values()):
        raise click.exceptions.Exit(DIFFERS)


async def _status(where: Settings) -> dict[str, Any]:
    addresses = where.health()
    asking = (asyncio.to_thread(_health, address) for address in addresses.values())
    told, *health = await asyncio.gather(answers(where), *asking)
    return {
        "services": dict(zip(addresses, health, strict=True)),
        "lag": [_lag(answer) for answer in told],
        "problems": list(dict.fromkeys(answer.problem for answer in told if answer.problem)),
    }


def _lag(answer: Answer) -> dict[str, Any]:
    known = {"records": None, "seconds": None} if answer.lag is None else asdict(answer.lag)
    return {"service": answer.service, "what": answer.what, **known, "problem": answer.problem}


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
    return lines + [f"{lag['service']:<9} {lag['what']:<16} {_behind(lag)}" for lag in facts["lag"]]


def _behind(lag: dict[str, Any]) -> str:
    return lag["problem"] or f"{lag['records']:>9} records, {lag['seconds']:.1f} s behind"


def _word(health: dict[str, Any]) -> str:
    if problem := health.get("problem"):
        return str(problem)
    if not health["ready"]:
        return "not ready"
    return "ready" if all(check["ok"] for check in health["checks"].values()) else "ready, degraded"
