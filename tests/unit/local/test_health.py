"""Who waits for a service learns why it is not ready, and has patience where only a person helps."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from argus_local.errors import StartFailed
from argus_local.health import Report, until_well, watch
from argus_local.programs import Program
from argus_local.supervisor import Supervisor
from argus_runtime.errors import PositionLost, TooManyDeadLetters
from tests.eventually import eventually

WAITING = "import time; time.sleep(600)"
LOST = f"{PositionLost('argus.incident-events[0]@7', 0, 0)}"
AWAY = "waiting: Kafka is away"


def report(**failing: str) -> Report:
    checks: dict[str, Any] = {name: {"ok": False, "detail": why, "required": True} for name, why in failing.items()}
    checks["reports"] = {"ok": False, "detail": "degrades only", "required": False}
    return Report.of({"ready": not failing, "checks": checks})


@pytest.fixture
async def store(tmp_path: Path):
    supervisor = Supervisor(print)
    child = supervisor.start(Program("store", (sys.executable, "-c", WAITING), log=tmp_path / "store.log"))
    await eventually(lambda: child.pid)
    yield child
    await supervisor.stop(["store"], within=0)


def answering(*reports: Report):
    """Return a question that gets these answers, the last for ever."""
    left = list(reports)

    async def ask() -> Report:
        return left.pop(0) if len(left) > 1 else left[0]

    return ask


@pytest.mark.parametrize(
    ("failing", "words"),
    [({"positions": LOST}, LOST), ({"positions": f"{LOST}; {LOST}; {LOST}"}, f"{LOST} (and 2 more)"),
     ({"dead letters": "101 in a row"}, "101 in a row"), ({"positions": AWAY}, ""), ({"positions": "not yet"}, ""),
     ({"database": "no password"}, ""), ({}, "")],
)  # fmt: skip
def test_only_what_no_patience_helps_against_is_for_the_operator(failing, words):
    assert report(**failing).for_operator == words


async def test_a_service_that_needs_its_operator_is_waited_for_and_says_so_once(store, capsys):
    stuck = report(positions=f"{LOST}, then start me again")

    await until_well(store, answering(report(positions="not yet"), stuck, stuck, stuck, report()), within=0.15)

    [line] = capsys.readouterr().err.splitlines()
    assert line == f"store waits for you: {LOST}, then start me again with `kill {store.pid}`"


async def test_a_service_that_comes_to_need_its_operator_says_so_each_time(store, capsys):
    lost = report(positions=LOST)
    answers = answering(report(), lost, Report(), lost, report(), lost)
    watching = asyncio.create_task(watch(store, answers, pause=0))
    lines: list[str] = []

    def told_twice() -> bool:
        lines.extend(capsys.readouterr().err.splitlines())
        return len(lines) >= 2

    await eventually(told_twice)

    watching.cancel()
    assert lines == [f"store waits for you: {LOST}"] * 2


async def test_any_other_failure_is_given_up_with_its_details(store):
    away = report(positions=AWAY, database="no password")

    with pytest.raises(StartFailed, match=r"store was not ready within 0 s \(positions: .*; database: no password\)"):
        await until_well(store, answering(away), within=0.1)


async def test_a_service_that_does_not_answer_is_given_up(store):
    with pytest.raises(StartFailed, match="its health does not answer"):
        await until_well(store, answering(Report()), within=0.1)


def test_dead_letters_are_named_as_the_runtime_names_them():
    assert TooManyDeadLetters.check == "dead letters"
