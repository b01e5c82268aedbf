"""What was asked and what was found, in words; and what each condition of a filter finds in an incident."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from argus_domain.filters import (
    EMPTY,
    Condition,
    condition_of,
    fits_acked,
    fits_event,
    fits_hidden,
    fits_level,
    fits_open,
    fits_source,
    fits_source_type,
    fits_stateful,
    fits_tags,
    is_empty,
    tags_by_key,
    with_fallback,
)
from argus_schemas.configuration import Filter, NamedFilter
from argus_schemas.incident import Event, Incident

MOST_LISTED = 10
"""Of a list in a sentence; of more, how many there are besides."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition that was asked."""

    slug: str
    """Which condition, as a program may rely on; those of filters are called as in the filter."""
    holds: bool
    wanted: str
    found: str
    about: str = ""
    """The filter whose condition it is, or the planned maintenance."""

    def __str__(self) -> str:
        about = f"{self.about}: " if self.about else ""
        return f"{about}{self.wanted}: {self.found}"


@dataclass(frozen=True, slots=True)
class Seen:
    """An incident as filters look at it; without an event, nothing is asked of events."""

    incident: Incident
    at: datetime
    event: Event | None = None

    @property
    def condition(self) -> Condition:
        """What it is at that moment."""
        return condition_of(self.incident, self.at)


def of_filter(named: NamedFilter, seen: Seen, fallback: Filter) -> Iterator[Finding]:
    """Yield what the filter's conditions find, those of the fallback named as such; what is unset is not asked."""
    about, whole = f"filter '{named.name}' ({named.pk})", with_fallback(named.filter, fallback)
    if is_empty(whole):
        yield Finding(
            "filter", holds=False, wanted="a condition", found="it has none, so it accepts nothing", about=about
        )
    for field, ask in _OF_FIELDS.items():
        value = getattr(whole, field)
        if value != getattr(EMPTY, field):
            own = value == getattr(named.filter, field)
            yield from ask(Filter(**{field: value}), seen, about if own else f"{about}, fallback")


def listed(values: Iterable[object], joined: str = ", ") -> str:
    """Return the values as a sentence lists them."""
    texts = [str(value) for value in values]
    more = [] if len(texts) <= MOST_LISTED else [f"{len(texts) - MOST_LISTED} more"]
    return joined.join([*texts[:MOST_LISTED], *more])


def moment(at: datetime) -> str:
    """Return a moment as a sentence tells it."""
    return at.isoformat(sep=" ", timespec="seconds")


Ask = Callable[[Filter, Seen, str], Iterator[Finding]]


def _event_types(filter_: Filter, seen: Seen, about: str) -> Iterator[Finding]:
    if seen.event is not None:
        wanted = f"event_types {listed(filter_.event_types)}"
        yield Finding(
            "event_types", fits_event(filter_, seen.event), wanted, f"the event is {seen.event.type}", about
        )  # fmt: skip


def _source(filter_: Filter, seen: Seen, about: str) -> Iterator[Finding]:
    source = seen.incident.source
    wanted = f"sourceSystemIds {listed(filter_.sourceSystemIds)}"
    found = f"the incident comes from source {source.pk} ({source.name})"
    yield Finding("sourceSystemIds", fits_source(filter_, seen.incident), wanted, found, about)


def _source_type(filter_: Filter, seen: Seen, about: str) -> Iterator[Finding]:
    wanted = f"source_types {listed(filter_.source_types)}"
    found = f"the incident comes from a source of type {seen.incident.source.type}"
    yield Finding("source_types", fits_source_type(filter_, seen.incident), wanted, found, about)


def _level(filter_: Filter, seen: Seen, about: str) -> Iterator[Finding]:
    found = f"the incident has level {seen.incident.level:d}"
    yield Finding("maxlevel", fits_level(filter_, seen.incident), f"maxlevel {filter_.maxlevel}", found, about)


def _tags(filter_: Filter, seen: Seen, about: str) -> Iterator[Finding]:
    for key, texts in tags_by_key(filter_).items():
        those = tuple(sorted(texts))
        carried = [str(tag) for tag in seen.incident.tags if tag.key == key]
        found = f"the incident has {listed(carried)}" if carried else f"the incident has no tag {key}"
        if all("=" not in text for text in those):
            found = "that names no tag, which has a key and a value"
        yield Finding(
            "tags", fits_tags(Filter(tags=those), seen.incident), f"tags {listed(those, ' or ')}", found, about
        )


def _stateful(filter_: Filter, seen: Seen, about: str) -> Iterator[Finding]:
    found = f"the incident is {'stateful' if seen.incident.stateful else 'stateless'}"
    yield Finding(
        "stateful", fits_stateful(filter_, seen.condition), f"stateful {_yes(filter_.stateful)}", found, about
    )


def _open(filter_: Filter, seen: Seen, about: str) -> Iterator[Finding]:
    found = f"the incident {_openness(seen)}"
    yield Finding("open", fits_open(filter_, seen.condition), f"open {_yes(filter_.open)}", found, about)


def _acked(filter_: Filter, seen: Seen, about: str) -> Iterator[Finding]:
    found = f"the incident {_ackedness(seen)}"
    yield Finding("acked", fits_acked(filter_, seen.condition), f"acked {_yes(filter_.acked)}", found, about)


def _hidden(filter_: Filter, seen: Seen, about: str) -> Iterator[Finding]:
    found = f"the incident {_openness(seen)}, and {_ackedness(seen)}"
    holds = fits_hidden(filter_, seen.condition)
    yield Finding("hide_closed_acked", holds, "not closed and acknowledged", found, about)


def _openness(seen: Seen) -> str:
    ended_at, condition = seen.incident.ended_at, seen.condition
    if not condition.stateful:
        return "is stateless, neither open nor closed"
    since = (
        "" if ended_at is None else f" since {moment(ended_at)}" if condition.ended else f" until {moment(ended_at)}"
    )
    return f"is {'closed' if condition.ended else 'open'}{since}"


def _ackedness(seen: Seen) -> str:
    if not seen.condition.acked:
        return "is not acknowledged" + (", its acknowledgements have expired" if seen.incident.acks else "")
    ends = [ack.expires_at for ack in seen.incident.acks]
    last = max((end for end in ends if end is not None), default=None)
    return "is acknowledged" if None in ends or last is None else f"is acknowledged until {moment(last)}"


def _yes(value: bool | None) -> str:
    return str(value).lower()


_OF_FIELDS: dict[str, Ask] = {
    "event_types": _event_types,
    "sourceSystemIds": _source,
    "source_types": _source_type,
    "maxlevel": _level,
    "tags": _tags,
    "stateful": _stateful,
    "open": _open,
    "acked": _acked,
    "hide_closed_acked": _hidden,
}
"""By the fields of a filter."""
