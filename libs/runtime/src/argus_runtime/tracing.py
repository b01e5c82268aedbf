"""W3C trace context: `traceparent` on every record, so that one incident can be followed through all services."""

import random
import re
from collections.abc import Iterable
from contextvars import ContextVar

HEADER = "traceparent"
FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")

current: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The trace that this task works for; producers continue it where a record brings none."""


def new() -> str:
    """Return the start of a new trace."""
    return f"00-{_bits(128):032x}-{_bits(64):016x}-01"


def child(of: str | None) -> str:
    """Return the next step of a trace; of a new one where `of` is none."""
    match = FORM.fullmatch(of or "")
    return new() if match is None else f"00-{match[1]}-{_bits(64):016x}-{match[3]}"


def header(of: str | None = None) -> tuple[str, bytes]:
    """Return the header of a record that continues `of`, or the current trace."""
    return HEADER, child(of or current.get()).encode()


def continued(headers: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Return a record's headers, continuing the current trace where they name none."""
    given = list(headers)
    for name, _ in given:
        if name == HEADER:
            return given
    return [*given, header()]


def of(headers: Iterable[tuple[str, bytes | None]]) -> str | None:
    """Return the trace that a record's headers name; whoever wrote it, a header may have no value."""
    for name, value in headers:
        if name == HEADER and value is not None:
            found = value.decode(errors="replace")
            return found if FORM.fullmatch(found) else None
    return None


def _bits(count: int) -> int:
    return random.getrandbits(count) or 1
