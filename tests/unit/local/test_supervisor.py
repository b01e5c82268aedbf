import asyncio
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from argus_local.addresses import Backends, addresses_of
from argus_local.data import DataFolder
from argus_local.programs import Program
from argus_local.supervisor import Supervisor
from argus_local.up import Options, Screen
from tests.eventually import eventually

BACKENDS = Backends(kafka="", database="", smtp_host="", smtp_port="", secret_keys="", mail_caught=True)

WAITING = "import time; time.sleep(600)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("on", flush=True)
time.sleep(600)
"""


@pytest.fixture
def program(tmp_path):
    def make(script: str, name: str = "store") -> Program:
        return Program(name, (sys.executable, "-c", script), log=tmp_path / f"{name}.log")

    return make


@pytest.fixture
async def lines():
    return []


@pytest.fixture
async def supervisor(lines):
    supervisor = Supervisor(lines.append)
    yield supervisor
    await supervisor.stop(list(supervisor.children), within=0)


async def test_a_program_that_was_killed_is_started_again(supervisor, program, lines):
    child = supervisor.start(program(WAITING))
    first = await eventually(lambda: child.pid)
    os.kill(first, signal.SIGKILL)

    second = await eventually(lambda: child.pid if child.restarts else None)

    assert second != first
    assert lines == ["store was ended by signal 9; starting it again in 0.5 s", "store was started again"]


async def test_a_program_that_ends_at_once_is_started_again_more_and_more_slowly(supervisor, program, lines):
    child = supervisor.start(program("raise SystemExit(3)"))
    await eventually(lambda: child.restarts == 2)

    assert "store ended with 3; starting it again in 0.5 s" in lines
    assert "store ended with 3; starting it again in 1 s" in lines


async def test_why_a_program_failed_is_told(supervisor, program, lines):
    child = supervisor.start(program("raise SystemExit('127.0.0.1:9102: Address already in use')"))
    await eventually(lambda: child.restarts)

    assert lines == ["store ended with 1 (127.0.0.1:9102: Address already in use); starting it again in 0.5 s"]


async def test_a_program_that_cannot_be_started_is_tried_again(supervisor, tmp_path, lines):
    logs = tmp_path / "logs"
    logs.write_text("a file where the folder should be")
    child = supervisor.start(Program("store", (sys.executable, "-c", WAITING), log=logs / "store.log"))
    await eventually(lambda: child.restarts)
    logs.unlink()

    await eventually(lambda: child.pid)
    assert lines[0].startswith("store cannot be started: ")
    assert lines[0].endswith("; starting it again in 0.5 s")


async def test_a_program_that_ends_is_started_again_though_the_ready_file_cannot_be_written(program, tmp_path, capsys):
    folder = tmp_path / "gone"
    folder.mkdir()
    data = DataFolder(tmp_path)
    screen = Screen(Options(data=tmp_path, ready_file=folder / "ready.json"), data, addresses_of(0))
    screen.up(BACKENDS, {"admin": {"username": "admin", "password": "?", "token": "?"}}, seconds=1)
    shutil.rmtree(folder)
    child = screen.supervisor.start(program("raise SystemExit(3)"))

    await eventually(lambda: child.restarts == 2)

    await screen.supervisor.stop(["store"], within=0)
    assert f"{folder / 'ready.json'} cannot be written: " in capsys.readouterr().err


async def test_a_stopped_program_stays_stopped(supervisor, program):
    child = supervisor.start(program(WAITING))
    await eventually(lambda: child.pid)

    await supervisor.stop(["store"], within=5)

    assert child.pid is None
    assert child.restarts == 0


async def test_programs_that_do_not_listen_are_ended_by_force_in_time(supervisor, program):
    for name in ("ingest", "store"):
        supervisor.start(program(STUBBORN, name))
    for child in supervisor.children.values():
        await eventually(child.program.last_words)
    started = time.monotonic()

    await supervisor.stop(["ingest", "store"], within=0.2)

    assert time.monotonic() - started < 2
    assert supervisor.pids == {}


async def test_what_a_program_says_is_kept_in_its_log(supervisor, program):
    child = supervisor.start(program("print('hello'); raise SystemExit(1)"))

    await eventually(lambda: child.restarts)

    assert child.program.last_words() == "hello"


@pytest.mark.parametrize(
    ("last_line", "complaint"),
    [
        ("FATAL: no room", "FATAL: no room"),
        (json.dumps({"message": "the service failed", "exception": "Traceback\n  | ValueError: 3\n  +---"}),
         "the service failed: ValueError: 3"),
        (json.dumps({"message": "stopped"}), "stopped"),
        ("[1, 2]", "[1, 2]"),
    ],
)  # fmt: skip
def test_a_complaint_is_the_last_line_of_a_log_without_its_traceback(program, last_line, complaint):
    failed = program("")
    failed.log.write_text(f"first\n{last_line}\n")

    assert failed.complaint() == complaint


PARENT = """
import sys, time
from pathlib import Path
from argus_local.programs import Program
child = Program("child", (sys.executable, "-c", {waiting!r}), log=Path(sys.argv[1])).launch()
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends orphans on Linux alone")
async def test_a_program_ends_with_its_parent_however_that_ends(tmp_path):
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT.format(waiting=WAITING), str(tmp_path / "log"), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout
    child = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()

    await eventually(lambda: not Path(f"/proc/{child}/exe").exists() or is_zombie(child), within=5)


def is_zombie(pid: int) -> bool:
    return " Z " in Path(f"/proc/{pid}/stat").read_text()
