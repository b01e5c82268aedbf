import json
import logging

from argus_runtime import log as logs


def line(message, *args, extra=None, exc_info=None, name="argus_store.app"):
    record = logging.getLogger(name).makeRecord(name, logging.WARNING, "f", 1, message, args, exc_info, extra=extra)
    return json.loads(logs.formatter("store").format(record))


def test_a_line_says_when_who_how_bad_and_what():
    said = line("dead-lettered %s", "x")

    assert said.pop("time").endswith("Z")
    assert said == {"service": "store", "level": "WARNING", "logger": "argus_store.app", "message": "dead-lettered x"}


def test_a_line_about_a_record_has_its_position():
    assert line("bad", extra=logs.at("argus.ids[0]@17"))["position"] == "argus.ids[0]@17"


def test_an_exception_is_one_field():
    error = ValueError("boom")

    said = line("failed", exc_info=(type(error), error, None))

    assert "ValueError: boom" in said["exception"]


def test_a_talkative_library_says_a_thing_once():
    sparingly = logs.Sparingly()

    def record(name, message):
        return logging.LogRecord(name, logging.ERROR, "f", 1, message, (), None)

    assert sparingly.filter(record("aiokafka.conn", "away"))
    assert not sparingly.filter(record("aiokafka.conn", "away"))
    assert sparingly.filter(record("aiokafka.conn", "back"))
    assert sparingly.filter(record("argus_store", "away"))
    assert sparingly.filter(record("argus_store", "away"))
