"""Logs for machines: one JSON object a line on stderr, with the place of the record that a line is about."""

import logging
import sys
import time

from pythonjsonlogger.json import JsonFormatter

SECONDS_BETWEEN_REPEATS = 10.0
TALKATIVE = ("aiokafka", "kafka")
"""Libraries that repeat a line many times a second while a server is away."""


def configure(service: str, level: str = "INFO") -> None:
    """Send all logs to stderr as JSON with `time`, `service`, `level`, `logger`, `message`, `position`, `exception`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(service))
    handler.addFilter(sparingly)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)


def formatter(service: str) -> logging.Formatter:
    """Return what turns a log record into a line."""
    names = {"asctime": "time", "levelname": "level", "name": "logger", "exc_info": "exception"}
    made = JsonFormatter(
        "%(asctime)s %(levelname)s %(name)s %(message)s", rename_fields=names, static_fields={"service": service},
    )  # fmt: skip
    made.converter = time.gmtime
    made.default_time_format = "%Y-%m-%dT%H:%M:%S"
    made.default_msec_format = "%s.%03dZ"
    return made


def at(place: object) -> dict[str, str]:
    """Return the `extra` of a log line that is about the record at `place`."""
    return {"position": str(place)}


class Sparingly(logging.Filter):
    """Lets each line of a talkative library pass once in ten seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the line may pass."""
        if record.name.split(".")[0] not in TALKATIVE:
            return True
        now, line = time.monotonic(), (record.name, str(record.msg))
        if now - self._said.get(line, float("-inf")) < SECONDS_BETWEEN_REPEATS:
            return False
        self._said[line] = now
        return True


sparingly = Sparingly()
