"""Where a command finds the system: in its environment, else at an `argus up` that runs."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from argus_runtime.settings import DatabaseSettings, ServiceSettings

DEFAULT_DATA = ".argus"
READY_FILE = "ready.json"
PORTS = {"ingest": 9101, "store": 9102, "matcher": 9103, "dispatch": 9104, "api": 9105}

F = TypeVar("F", bound=Callable[..., Any])


class Settings(DatabaseSettings, ServiceSettings):
    """What commands read from the environment: `ARGUS_DATABASE_URL`, `ARGUS_KAFKA_BOOTSTRAP_SERVERS` and so on."""

    service = "cli"

    health_urls: str = ""
    """Where the services' health answers, for `argus status`: `ingest=http://host:port,store=…`."""

    def health(self) -> dict[str, str]:
        """Return the address of each service's health."""
        given = dict(part.strip().split("=", 1) for part in self.health_urls.split(",") if "=" in part)
        return given or {service: f"http://127.0.0.1:{port}" for service, port in PORTS.items()}


# From the ready file's name to the setting's, and the environment variables that win over it.
_READY = {
    "database": ("database_url", ("ARGUS_DATABASE_URL", "DATABASE_URL")),
    "kafka": ("bootstrap_servers", ("ARGUS_KAFKA_BOOTSTRAP_SERVERS", "KAFKA_BOOTSTRAP_SERVERS")),
    "prefix": ("prefix", ("ARGUS_PREFIX",)),
    "health": ("health_urls", ("ARGUS_HEALTH_URLS",)),
}


def settings(data: str = DEFAULT_DATA) -> Settings:
    """Return the settings of the environment, and where it is silent those of the `argus up` on `data`."""
    ready = _ready(Path(data) / READY_FILE)
    found: dict[str, Any] = {
        setting: _value(ready[name])
        for name, (setting, variables) in _READY.items()
        if name in ready and not any(os.environ.get(variable) for variable in variables)
    }
    return Settings(**found)


def data_option(command: F) -> F:
    """Add `--data`."""
    return click.option(
        "--data",
        default=DEFAULT_DATA,
        show_default=True,
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


def _ready(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _value(found: Any) -> str:
    if isinstance(found, dict):
        return ",".join(f"{name}={address}" for name, address in found.items())
    return str(found)
