"""The `argus` command says what went wrong in one line, what to do next in another, and exits accordingly."""

import json
import os
import socket
import subprocess
import time

import pytest
from click.testing import CliRunner

from argus_cli import environment
from argus_cli.main import main
from tests.servers import folder


def run(*arguments, **options):
    return CliRunner().invoke(main, list(arguments), **options)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for variable in ("ARGUS_DATABASE_URL", "DATABASE_URL", "ARGUS_KAFKA_BOOTSTRAP_SERVERS", "KAFKA_BOOTSTRAP_SERVERS",
                     "ARGUS_URL", "ARGUS_USER_PASSWORD"):  # fmt: skip
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize(
    "verb",
    ["incident", "migrate", "positions", "profile", "setup", "source", "status", "token", "topics", "user", "verify"],
)
def test_each_verb_is_listed_and_explains_itself(verb):
    assert verb in run("--help").output
    explained = run(verb, "--help")
    assert explained.exit_code == 0
    assert "Usage:" in explained.output


@pytest.mark.parametrize(
    "arguments",
    [["migrate"], ["user", "add", "alice"], ["source", "add", "nav", "--type", "nav"], ["topics"], ["verify"],
     ["setup"], ["profile", "toggle", "1"], ["incident", "create"]],
)  # fmt: skip
def test_a_database_that_is_away_is_said_in_two_lines(arguments, monkeypatch, free_port):
    monkeypatch.setenv("ARGUS_DATABASE_URL", f"postgresql://argus@127.0.0.1:{free_port}/argus")
    result = run(*arguments)
    assert result.exit_code == 4
    problem, hint = result.output.strip().splitlines()
    assert "PostgreSQL does not answer" in problem
    assert "ARGUS_DATABASE_URL" in hint


@pytest.fixture
def silent_port():
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("listening", [False, True], ids=["nobody listens", "nobody answers"])
def test_status_says_in_five_seconds_what_does_not_answer(listening, silent_port, free_port, monkeypatch):
    port = silent_port if listening else free_port
    monkeypatch.setenv("ARGUS_DATABASE_URL", f"postgresql://argus@127.0.0.1:{port}/argus")
    monkeypatch.setenv("ARGUS_KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{port}")
    monkeypatch.setenv("ARGUS_HEALTH_URLS", f"store=http://127.0.0.1:{port},api=http://127.0.0.1:{port}")
    began = time.monotonic()

    result = run("status")

    assert time.monotonic() - began < 6
    assert result.exit_code == 3
    rows = {tuple(line.split()[:2]): line for line in result.output.splitlines()}
    assert "does not answer" in rows["store", "does"]
    assert "does not answer" in rows["api", "does"]
    for reader in (("ingest", "reports"), ("matcher", "incident-events"), ("dispatch", "notifications")):
        assert "no answer within" in rows[reader] or "Kafka does not answer" in rows[reader]
    assert "PostgreSQL does not answer" in rows["api", "outbox"]


def test_a_bad_setting_is_named(monkeypatch):
    monkeypatch.setenv("ARGUS_PREFIX", "not a prefix")
    result = run("migrate")
    assert result.exit_code == 2
    assert "ARGUS_PREFIX" in result.output
    assert "not a prefix" not in result.output


def test_wrong_options_are_refused():
    assert run("nonsense").exit_code == 2
    assert run("source", "add", "nav").exit_code == 2
    assert run("user", "add", "alice", "--password", "a", "--password-stdin").exit_code == 2
    assert run("user", "set-password", "alice").exit_code == 2
    assert run("user", "add", "alice", "--password-stdin", input="\n").exit_code == 2


def test_settings_come_from_a_running_stack_where_the_environment_is_silent(monkeypatch):
    servers = {
        "database": "postgresql://a@there/x", "kafka": "there:9092", "prefix": "mine.",
        "health": {"api": "http://127.0.0.1:1"}, "url": "http://127.0.0.1:2", "pid": os.getpid(),
    }  # fmt: skip
    with folder() as data:
        (data / environment.SERVERS_FILE).write_text(json.dumps(servers))
        monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "elsewhere:9092")
        found = environment.settings(str(data))
    assert found.database_url == "postgresql://a@there/x"
    assert found.bootstrap_servers == "elsewhere:9092"
    assert found.prefix == "mine."
    assert found.url == "http://127.0.0.1:2"
    assert found.health() == {"api": "http://127.0.0.1:1"}


@pytest.mark.parametrize(
    "said", [None, "{", "[]", '{"kafka": "there:9092"}', '{"kafka": "there:9092", "pid": %d}'],
    ids=["none", "damaged", "other JSON", "of nobody", "of one that was killed"],
)  # fmt: skip
@pytest.mark.parametrize("verb", ["status", "migrate", "positions", "topics", "verify"])
def test_a_folder_that_is_named_without_a_stack_is_refused_in_one_line(verb, said):
    with folder() as data:
        if said is not None:
            (data / environment.SERVERS_FILE).write_text(said.replace("%d", str(gone())))
        result = run(verb, "--data", str(data))
    assert result.exit_code == 1
    assert result.output == f"Error: no argus up runs in {data}\n"


def test_without_a_stack_the_environment_counts_alone(monkeypatch):
    with folder() as data:
        monkeypatch.chdir(data)
        (data / ".argus").mkdir()
        (data / ".argus" / environment.SERVERS_FILE).write_text(json.dumps({"kafka": "there:9092", "pid": gone()}))
        assert environment.settings() == environment.Settings()


def gone() -> int:
    """Return the process id of one that has ended."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid
