"""Durations, in the ways in which Argus's forms read them (specification 1.3)."""

import re
from datetime import timedelta

_CLOCK = re.compile(
    r"(?:(?P<days>\d{1,6}) (?:days?,? )?)?"
    r"(?:(?:(?P<hours>\d{1,6}):)?(?P<minutes>\d{1,6}):)?(?P<seconds>\d{1,9})(?:[.,](?P<fraction>\d{1,6})\d{0,6})?",
    re.ASCII,
)
_DAYS = re.compile(r"(?P<days>\d{1,6}) days?", re.ASCII)
_ISO = re.compile(
    r"P(?=.)(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?"
    r"(?:(?P<seconds>\d{1,9})(?:[.,](?P<fraction>\d{1,6})\d{0,6})?S)?)?",
    re.ASCII,
)


def parsed(text: str) -> timedelta | None:
    """Return the duration that seconds, `DD HH:MM:SS`, ISO 8601 or PostgreSQL's text say; None: they say none."""
    for pattern in (_CLOCK, _DAYS, _ISO):
        if found := pattern.fullmatch(text.strip()):
            said = found.groupdict()
            fraction = int((said.pop("fraction", None) or "0").ljust(6, "0"))
            return timedelta(**{unit: int(number) for unit, number in said.items() if number}, microseconds=fraction)
    return None
