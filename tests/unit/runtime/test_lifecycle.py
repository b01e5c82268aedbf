import ast
import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

SERVICE = """
import asyncio, sys
from argus_runtime import lifecycle
from argus_runtime.errors import PositionLost, TooManyDeadLetters
from argus_runtime.settings import ServiceSettings

lifecycle.SECONDS_TO_STOP, lifecycle.SECONDS_TO_CANCEL = 0.3, 0.1

async def until_stopped(settings, stop, health):
    health.check("work").ok()
    print("running", flush=True)
    await stop.wait()

async def failing(settings, stop, health):
    raise RuntimeError("boom")

async def lost(settings, stop, health):
    health.check("work").ok()
    try:
        raise ExceptionGroup("tasks", [PositionLost("argus.notifications[3]@7", 9, 12)])
    finally:
        asyncio.get_running_loop().call_later(0.2, lambda: print(health.report(), flush=True))

async def burying(settings, stop, health):
    asyncio.get_running_loop().call_later(0.2, lambda: print(health.report(), flush=True))
    raise TooManyDeadLetters("argus.notifications", 101)

async def stubborn(settings, stop, health):
    print("running", flush=True)
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass

if __name__ == "__main__":
    lifecycle.main(globals()[sys.argv[1]], ServiceSettings)
"""


@contextmanager
def service(name, **environment):
    with subprocess.Popen(
        [sys.executable, "-c", SERVICE, name],
        env={"ARGUS_METRICS_PORT": "0"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def lines(process):
    return [json.loads(line) for line in process.stderr.read().splitlines()]


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_service_cleanly(signum):
    with service("until_stopped") as process:
        assert process.stdout.readline() == "running\n"
        process.send_signal(signum)

        assert process.wait(timeout=10) == 0
        assert [line["message"] for line in lines(process)][-2:] == ["stopping", "stopped"]


def test_the_log_tells_the_port_that_was_chosen():
    with service("until_stopped") as process:
        process.stdout.readline()
        process.terminate()

        assert lines(process)[0]["metrics_port"] > 0


def test_an_unexpected_exception_is_logged_and_ends_the_process():
    with service("failing") as process:
        assert process.wait(timeout=10) == 1
        last = lines(process)[-1]

    assert last["level"] == "CRITICAL"
    assert "RuntimeError: boom" in last["exception"]


def test_a_service_whose_position_is_lost_stays_not_ready_and_says_what_to_do():
    with service("lost") as process:
        report = ast.literal_eval(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        said = [line["message"] for line in lines(process) if line["level"] == "CRITICAL"]
    assert not report["ready"]
    detail = report["checks"]["positions"]["detail"]
    assert detail.startswith("position argus.notifications[3]@7 lies outside the log (the log has 9 to 12)")
    assert "`argus positions set`" in detail
    assert "`argus positions set`" in said[0]


def test_a_service_that_buries_all_it_reads_stays_not_ready_since_a_restart_would_bury_more():
    with service("burying") as process:
        report = ast.literal_eval(process.stdout.readline())
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert not report["ready"]
    assert "101 dead letters in a row" in report["checks"]["dead letters"]["detail"]


def test_a_service_that_will_not_stop_is_ended_in_time():
    with service("stubborn") as process:
        assert process.stdout.readline() == "running\n"
        asked_at = time.monotonic()
        process.terminate()

        assert process.wait(timeout=10) == 1
        assert time.monotonic() - asked_at < 5


def test_a_taken_port_is_one_line(free_port):
    with service("until_stopped", ARGUS_METRICS_PORT=str(free_port)) as first:
        first.stdout.readline()
        with service("until_stopped", ARGUS_METRICS_PORT=str(free_port)) as second:
            assert second.wait(timeout=10) == 1
            [line] = lines(second)

    assert line["message"].startswith(f"health and metrics cannot use 127.0.0.1:{free_port}")
