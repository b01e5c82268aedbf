"""What `argus up` tells: on the screen, to scripts that wait for it, and to other commands."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from argus_local.addresses import Addresses, Backends, given
from argus_local.data import DataFolder


def servers_file(addresses: Addresses, backends: Backends) -> dict[str, Any]:
    """Return where other commands find what runs here (`argus_cli.environment`), and by whose process it does."""
    return {**_servers(addresses, backends), "pid": os.getpid()}


def ready_file(
    data: DataFolder,
    addresses: Addresses,
    backends: Backends,
    credentials: Mapping[str, Any],
    pids: Mapping[str, int],
) -> dict[str, Any]:
    """Return what a script that waits for the stack is given."""
    return {
        "ingest_url": addresses.service_url("ingest"),
        "api_url": addresses.service_url("api"),
        **_servers(addresses, backends),
        "smtp": f"{backends.smtp_host}:{backends.smtp_port}",
        "mail_folder": str(data.mail),
        **credentials,
        "pids": {**pids, "up": os.getpid()},
    }


def _servers(addresses: Addresses, backends: Backends) -> dict[str, Any]:
    return {
        "url": addresses.url,
        "health": {name: addresses.metrics_url(name) for name in addresses.metrics},
        "kafka": backends.kafka,
        "prefix": given("PREFIX") or "argus.",
        "database": backends.database,
    }


def summary(
    data: DataFolder, addresses: Addresses, backends: Backends, credentials: Mapping[str, Any], seconds: float
) -> str:
    """Return what a person needs to know, and what to try next."""
    lines = ["", f"Argus Stream is up at {addresses.url} (after {seconds:.0f} s)", ""]
    admin, demo = credentials["admin"], credentials.get("demo")
    lines.append(f"  administrator  {_login(admin)}  token {admin['token']}")
    if demo:
        lines.append(f"  user           {_login(demo)}  token {demo['user_token']}")
        lines.append(f"  source         {demo['source']}  token {demo['source_token']}")
    lines += [
        f"  mail           {f'caught in {data.mail}' if backends.mail_caught else f'goes to {backends.smtp_host}'}",
        f"  Kafka          {backends.kafka}",
        f"  logs           {data.logs}",
        f"  all of this    {data.credentials}",
        "",
        "Try next, in another terminal:",
        f"  .venv/bin/argus status{data.option}   shows the services",
        *(_first_steps(data, addresses, demo) if demo else ()),
        "Ctrl-C stops everything; what was stored stays.",
    ]
    return "\n".join(lines)


def _login(account: Mapping[str, Any]) -> str:
    return f"{account['username']}  password {account['password'] or '(as it was)'}"


def _first_steps(data: DataFolder, addresses: Addresses, demo: Mapping[str, Any]) -> tuple[str, ...]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    incident = f'{{"description": "Uplink is down", "start_time": "{now}", "level": 2, "tags": []}}'
    return (
        f"  .venv/bin/argus demo{data.option}     sends incidents of a university network",
        f"  curl {addresses.url}/api/v2/incidents/ -H 'Content-Type: application/json' \\",
        f"    -H 'Authorization: Token {demo['source_token']}' -d '{incident}'",
    )
