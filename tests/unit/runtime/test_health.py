import json
import urllib.error
import urllib.request

import pytest

from argus_runtime.health import SECONDS_WITHOUT_BEAT, Health
from argus_runtime.observed import Observed


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def health(clock):
    return Health(clock)


@pytest.fixture
def ask(health):
    with Observed(health, "127.0.0.1", 0) as observed:

        def get(path):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{observed.port}{path}") as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read()

        yield get


def test_a_process_that_checked_nothing_is_not_ready(health):
    assert not health.ready


def test_a_check_fails_until_it_is_told_otherwise(health):
    check = health.check("kafka")
    assert not health.ready

    check.ok()
    assert health.ready

    check.failed("away")
    assert not health.ready


def test_what_is_not_required_only_degrades(health):
    health.check("kafka").ok()
    health.check("database", required=False).failed("away")

    assert health.ready
    assert health.report() == {
        "ready": True,
        "checks": {
            "kafka": {"ok": True, "detail": "", "required": True},
            "database": {"ok": False, "detail": "away", "required": False},
        },
    }


@pytest.fixture
def logged(caplog):
    caplog.set_level("INFO")
    return lambda: [(record.levelname, record.getMessage()) for record in caplog.records]


def test_a_check_is_logged_when_it_turns_only(health, logged):
    check = health.check("kafka")

    for _ in range(3):
        check.failed("away")
    for _ in range(3):
        check.ok()
    for _ in range(3):
        check.failed("away")

    assert logged() == [("WARNING", "kafka: away"), ("INFO", "kafka: well"), ("WARNING", "kafka: away")]


def test_another_failure_than_before_is_logged_too(health, logged):
    check = health.check("positions")

    for _ in range(3):
        check.failed("waiting: PostgreSQL is away")
        check.failed("position a[0]@7 lies outside the log: see `argus positions`")

    assert [text for _, text in logged()] == [
        "positions: waiting: PostgreSQL is away",
        "positions: position a[0]@7 lies outside the log: see `argus positions`",
    ]


def test_a_failure_whose_numbers_change_is_the_same(health, logged):
    check = health.check("positions")

    for end in range(3):
        check.failed(f"the log has 4 to {end}")

    assert logged() == [("WARNING", "positions: the log has 4 to 0")]


def test_what_waits_has_not_failed(health, logged):
    check = health.check("memories")

    check.waits("reading")
    check.ok("3 partitions")
    check.waits("reading")

    assert not health.ready
    assert health.report()["checks"]["memories"]["detail"] == "reading"
    assert logged() == [("INFO", "memories: 3 partitions"), ("INFO", "memories: reading")]


def test_ready_answers_200_or_503_with_the_checks(health, ask):
    check = health.check("kafka")
    assert ask("/health/ready")[0] == 503

    check.ok("three brokers")

    status, body = ask("/health/ready")
    assert status == 200
    assert json.loads(body)["checks"]["kafka"]["detail"] == "three brokers"


def test_a_stuck_event_loop_is_not_live(health, ask, clock):
    health.check("kafka").ok()
    assert ask("/health/live")[0] == 200

    clock.now += SECONDS_WITHOUT_BEAT

    assert ask("/health/live")[0] == 503
    assert ask("/health/ready")[0] == 503


def test_metrics_are_those_of_the_process(health, ask):
    health.check("kafka").failed("away")

    status, body = ask("/metrics")

    assert status == 200
    assert b'argus_check_failed{check="kafka"} 1.0' in body


def test_other_addresses_are_unknown(ask):
    assert ask("/")[0] == 404
