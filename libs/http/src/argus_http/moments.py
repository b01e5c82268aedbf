"""Moments as Argus reads and writes them (specification 2.1.3): in the zone of the server."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

INFINITY = "infinity"
FORMAT_ERROR = (
    "Datetime has wrong format. Use one of these formats instead: "
    "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z], or 'infinity'."
)
RANGE_ERROR = "Datetime value out of range."

_LOOSE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"[T ](?P<hour>\d{1,2}):(?P<minute>\d{1,2})"
    r"(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,6})\d{0,6})?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII,
)


def shown(moment: datetime | None, zone: tzinfo) -> str | None:
    """Return `moment` as the API shows it; UTC is `Z`, microseconds only where there are any."""
    if moment is None:
        return None
    try:
        text = moment.astimezone(zone).isoformat()
    except OverflowError:
        text = moment.astimezone(UTC).isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def parsed(text: str, zone: tzinfo) -> datetime:
    """Return the moment that `text` names, in UTC; a text without an offset is in `zone`.

    Raises:
        ValueError: it names none, or one that cannot be stored.
    """
    return in_range(_read(text), zone)


def parsed_end(text: str, zone: tzinfo) -> datetime | None:
    """Return the end that `text` names; None: `infinity`, or the last moment of the server's clock."""
    if text == INFINITY:
        return None
    moment = _read(text)
    last = datetime.max.replace(tzinfo=zone)
    if moment.tzinfo is None:
        return None if moment == datetime.max else in_range(moment, zone)  # noqa: DTZ901  it is the clock's own end
    try:
        return None if moment.astimezone(zone) == last else in_range(moment, zone)
    except OverflowError:
        raise ValueError(RANGE_ERROR) from None


def in_range(moment: datetime, zone: tzinfo) -> datetime:
    """Return `moment` in UTC.

    Raises:
        ValueError: it lies before the year 1 or after the year 9999, in UTC or in `zone`.
    """
    try:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        aware.astimezone(zone)
        return aware.astimezone(UTC)
    except (OverflowError, ValueError):
        raise ValueError(RANGE_ERROR) from None


def _read(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    found = _LOOSE.fullmatch(text)
    if found is None:
        raise ValueError(FORMAT_ERROR)
    parts = found.groupdict()
    numbers = [int(parts[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")]
    try:
        return datetime(*numbers, int((parts["fraction"] or "0").ljust(6, "0")), tzinfo=_offset(parts["zone"]))  # type: ignore[misc,arg-type]
    except ValueError:
        raise ValueError(FORMAT_ERROR) from None


def _offset(text: str | None) -> tzinfo | None:
    if text is None or text == "Z":
        return UTC if text else None
    minutes = int(text[1:3]) * 60 + int(text[3:].lstrip(":") or 0)
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
