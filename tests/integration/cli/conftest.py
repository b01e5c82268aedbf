"""The `argus` command against real servers, in this process."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from argus_cli.main import main

Argus = Callable[..., Result]


@pytest.fixture
def argus(database_url: str, kafka_server: str, prefix: str, monkeypatch: pytest.MonkeyPatch) -> Argus:
    """Runs the command with this test's servers in the environment; fails the test where it fails."""
    monkeypatch.setenv("ARGUS_DATABASE_URL", database_url)
    monkeypatch.setenv("ARGUS_KAFKA_BOOTSTRAP_SERVERS", kafka_server)
    monkeypatch.setenv("ARGUS_PREFIX", prefix)

    def run(*arguments: str, code: int = 0, input: str | None = None) -> Result:  # noqa: A002  click's own word
        result = CliRunner().invoke(main, list(arguments), input=input)
        assert result.exit_code == code, (result.output, result.exception)
        return result

    return run


@pytest.fixture
def argus_json(argus: Argus) -> Callable[..., Any]:
    """Runs the command with --json and returns what it says."""

    def run(*arguments: str, **options: Any) -> Any:
        return json.loads(argus(*arguments, "--json", **options).stdout)

    return run
