"""Where a command finds the system: in its environment, else at an `argus up` that runs."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from argus_runtime.settings import DatabaseSettings, ServiceSettings

DEFAULT_DATA = ".argus"
SERVERS_FILE = "servers.json"
"""In the data of an `argus up`, from when its servers answer until it stops."""
PORTS = {"ingest": 9101, "store": 9102, "matcher": 9103, "dispatch": 9104, "api": 9105}

F = TypeVar("F", bound=Callable[..., Any])


class Settings(DatabaseSettings, ServiceSettings):
    """What commands read from the environment: `ARGUS_DATABASE_URL`, `ARGUS_KAFKA_BOOTSTRAP_SERVERS` and so on."""

    service = "cli"

    url: str = ""
    """Where the HTTP API answers, for `argus incident`: `https://argus.example.org`."""
    health_urls: str = ""
    """Where the services' health answers, for `argus status`: `ingest=http://host:port,store=…`."""

    def health(self) -> dict[str, str]:
        """Return the address of each service's health."""
        given = dict(part.strip().split("=", 1) for part in self.health_urls.split(",") if "=" in part)
        return given or {service: f"http://127.0.0.1:{port}" for service, port in PORTS.items()}


# From that file's name to the setting's, and the environment variables that win over it.
_SERVERS = {
    "database": ("database_url", ("ARGUS_DATABASE_URL", "DATABASE_URL")),
    "kafka": ("bootstrap_servers", ("ARGUS_KAFKA_BOOTSTRAP_SERVERS", "KAFKA_BOOTSTRAP_SERVERS")),
    "prefix": ("prefix", ("ARGUS_PREFIX",)),
    "url": ("url", ("ARGUS_URL",)),
    "health": ("health_urls", ("ARGUS_HEALTH_URLS",)),
}


def settings(data: str | None = None) -> Settings:
    """Return the settings of the environment, and where it is silent those of the `argus up` on `data`.

    Raises:
        click.ClickException: somebody has named `data`, and none runs there.
    """
    servers = _running(Path(data or DEFAULT_DATA) / SERVERS_FILE)
    if data is not None and not servers:
        raise click.ClickException(f"no argus up runs in {data}")
    found: dict[str, Any] = {
        setting: _value(servers[name])
        for name, (setting, variables) in _SERVERS.items()
        if name in servers and not any(os.environ.get(variable) for variable in variables)
    }
    return Settings(**found)


def data_option(command: F) -> F:
    """Add `--data`."""
    return click.option(
        "--data",
        show_default=DEFAULT_DATA,
        metavar="DIR",
        help="Data of an `argus up` to talk to, where the environment names no servers.",
    )(command)


def json_option(command: F) -> F:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")(command)


def say(as_json: bool, facts: Any, *lines: str) -> None:
    """Print `facts` as JSON, or `lines` for people."""
    if as_json:
        click.echo(json.dumps(facts, indent=2, default=str))
    else:
        for line in lines:
            click.echo(line)


def _running(file: Path) -> dict[str, Any]:
    """Return what the file says, if who wrote it still runs."""
    try:
        found = json.loads(file.read_text())
        return found if _lives(found["pid"]) else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _value(found: Any) -> str:
    if isinstance(found, dict):
        return ",".join(f"{name}={address}" for name, address in found.items())
    return str(found)
