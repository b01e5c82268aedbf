"""`argus up`, as a person or a script meets it."""

import asyncio
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from argus_local.addresses import SERVICES
from argus_local.ports import is_free
from argus_runtime.kafka import Kafka, Partition
from argus_runtime.settings import KafkaSettings
from tests.eventually import eventually_blocking

UP_SECONDS = 120
STOP_SECONDS = 10

pytestmark = pytest.mark.timeout(4 * UP_SECONDS)


class Up:
    """An `argus up`."""

    def __init__(self, data: Path, *options: str, ready: bool = True) -> None:
        self.data = data
        self.ready_file = data.with_suffix(".ready.json")
        self.log = data.with_suffix(".log")
        self.ready_file.unlink(missing_ok=True)  # one that was killed could not
        command = [sys.executable, "-m", "argus_local", "up", "--port", "0", "--data", str(data), *options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--ready-file", str(self.ready_file)], stdout=log, stderr=log, env=_environment()
            )
        if ready:
            self.until_ready()

    def until_ready(self) -> None:
        eventually_blocking(self._is_ready, within=UP_SECONDS)

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return self.ready_file.exists()

    @property
    def told(self) -> dict[str, Any]:
        """What the ready file says now."""
        told: dict[str, Any] = json.loads(self.ready_file.read_text())
        return told

    def ask(self, path: str, token: str, body: Any = None) -> Any:
        """Return what the one address answers."""
        headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.told["url"] + path, data, headers), timeout=20) as answer:
            return json.load(answer)

    def open_incident(self, name: str) -> Any:
        said = {"source_incident_id": name, "description": name, "start_time": datetime.now(UTC).isoformat()}
        return self.ask("/api/v2/incidents/", self.told["demo"]["source_token"], said | {"tags": [], "level": 3})

    def incidents(self) -> list[str]:
        page = self.ask("/api/v2/incidents/", self.told["demo"]["user_token"])
        return sorted(each["source_incident_id"] for each in page["results"])

    def mails(self) -> list[str]:
        return [path.read_text() for path in Path(self.told["mail_folder"]).glob("*.eml")]

    def argus(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the data of this stack."""
        command = [str(Path(sys.executable).parent / "argus"), *words, "--data", str(self.data)]
        return subprocess.run(command, capture_output=True, text=True, env=_environment(), timeout=60, check=False)


@contextmanager
def running(data: Path, *options: str, ready: bool = True) -> Iterator[Up]:
    up = Up(data, *options, ready=ready)
    try:
        yield up
    finally:
        up.process.send_signal(signal.SIGINT)
        try:
            up.process.wait(2 * STOP_SECONDS)
        finally:
            up.process.kill()


@pytest.fixture(scope="module")
def up(tmp_path_factory) -> Iterator[Up]:
    with running(tmp_path_factory.mktemp("up") / "argus") as up:
        yield up


def test_the_ready_file_says_all_that_a_script_needs(up):
    told = up.told

    assert set(told) >= {"url", "ingest_url", "kafka", "database", "smtp", "mail_folder", "admin", "demo", "pids"}
    assert set(told["admin"]) >= {"username", "password", "token"}
    assert set(told["demo"]) >= {"user_token", "source_token"}
    assert set(told["pids"]) == {*SERVICES, "kafka", "postgres", "up"}


def test_credentials_are_shown_and_kept_for_their_owner_alone(up):
    kept = up.data / "credentials.json"

    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(up.ready_file.stat().st_mode) == 0o600
    assert json.loads(kept.read_text())["admin"] == up.told["admin"]
    assert up.told["demo"]["source_token"] in up.log.read_text()


def test_a_posted_incident_becomes_a_mail_in_a_file_and_a_line_on_the_screen(up):
    up.open_incident("library-gw")

    eventually_blocking(lambda: any("library-gw" in mail for mail in up.mails()), within=30)
    eventually_blocking(lambda: "mail to demo@example.org" in up.log.read_text())
    assert "library-gw" in up.incidents()


@pytest.mark.parametrize("name", ["store", "kafka", "postgres"])
def test_what_dies_is_started_again_and_goes_on(up, name):
    before = up.told["pids"][name]
    os.kill(before, signal.SIGKILL)

    eventually_blocking(lambda: up.told["pids"].get(name, before) != before, within=30)

    eventually_blocking(answered(lambda: up.open_incident(f"after-{name}")), within=60, pause=0.5)
    eventually_blocking(answered(lambda: f"after-{name}" in up.incidents()), within=60, pause=0.5)


def test_everything_is_there_again_after_a_kill_and_stops_within_ten_seconds(up, tmp_path):
    with running(tmp_path / "argus") as first:
        first.open_incident("before")
        assert "before" not in up.incidents()  # two stacks run beside each other
        told = first.told
        first.process.kill()
        eventually_blocking(lambda: not any(map(_alive, told["pids"].values())), within=5)

    with running(tmp_path / "argus") as second:
        assert second.incidents() == ["before"]
        assert second.told["admin"] == told["admin"]
        pids = second.told["pids"].values()
        port = int(second.told["url"].rsplit(":", 1)[1])

        second.process.send_signal(signal.SIGINT)
        started = time.monotonic()
        assert second.process.wait(2 * STOP_SECONDS) == 0

        assert time.monotonic() - started < STOP_SECONDS
        assert not any(map(_alive, pids))
        assert is_free(port)
        assert not second.ready_file.exists()


def test_a_stack_whose_log_was_deleted_waits_for_its_operator_who_repairs_it(tmp_path):
    data = tmp_path / "argus"
    with running(data) as before:
        before.open_incident("before")
        eventually_blocking(answered(lambda: "before" in before.incidents()), within=30)
    shutil.rmtree(data / "kafka")

    with running(data, ready=False) as up:
        eventually_blocking(lambda: "store waits for you: " in up.log.read_text(), within=UP_SECONDS)
        assert not up.ready_file.exists()
        shown = up.argus("positions", "--json")
        assert shown.returncode == 3, shown.stderr
        lost = [each for each in json.loads(shown.stdout) if each["lost"]]
        assert {each["reader"] for each in lost} == {"store"}
        for topic in {each["topic"] for each in lost}:
            done = up.argus("positions", "set", "store", topic, "--earliest")
            assert done.returncode == 0, done.stderr

        up.until_ready()

        up.open_incident("after")
        eventually_blocking(answered(lambda: up.incidents() == ["after", "before"]), within=30)
        assert up.argus("positions").returncode == 0
    assert not (data / "servers.json").exists()


def test_a_reader_stays_away_while_its_position_is_moved_and_is_started_again_by_its_kill(tmp_path):
    data = tmp_path / "argus"
    with running(data) as up:
        moving = ("positions", "set", "dispatch", "notifications", "--latest")
        refused = up.argus(*moving)
        assert refused.returncode == 1
        assert "Stop every dispatch" in refused.stderr

    with running(data, "--without", "dispatch") as up:
        assert "dispatch" not in up.told["pids"]
        eventually_blocking(lambda: up.argus(*moving).returncode == 0, within=30, pause=1)
        asyncio.run(lose("dispatch", Partition("argus.notifications", 0), up.told["kafka"]))

    with running(data, ready=False) as up:
        ending = re.compile(r"dispatch waits for you: .* then start me again with `kill (\d+)`")
        stuck = eventually_blocking(lambda: ending.search(up.log.read_text()), within=UP_SECONDS)
        assert up.argus(*moving).returncode == 0
        assert stuck
        os.kill(int(stuck[1]), signal.SIGTERM)
        up.until_ready()


async def lose(group: str, place: Partition, servers: str) -> None:
    """Put a position outside the log."""
    async with Kafka(KafkaSettings(bootstrap_servers=servers)) as kafka:
        await kafka.move(group, {place: 4711})


def answered(ask: Callable[[], Any]) -> Callable[[], Any]:
    """Return a condition that takes no answer, and HTTP errors, for "not yet"."""

    def condition() -> Any:
        try:
            return ask()
        except OSError as error:
            raise AssertionError(error) from None

    return condition


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def _environment() -> dict[str, str]:
    """Return our environment without what would name other servers."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ARGUS_") or "CACHE" in name}
