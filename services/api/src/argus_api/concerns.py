"""What is wrong with sources and their tokens, said as reports of Argus's own (specification 6.2.2, 6.2.3); pure.

Each incident and each event has an id that follows from what it is about, so that two processes, or one that starts
again, say the same and not a second thing.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from argus_schemas.report import Report
from argus_schemas.words import Level

GRACE = timedelta(seconds=10)
"""By which a heartbeat may be late; what was seen is written a few seconds later."""

MOST_PATIENCE = timedelta(minutes=10)
"""For sources to come back after an outage of ours; a heartbeat may be as rare as once a day."""

SILENT, EXPIRING = "missing_heartbeat", "token_expiry"
ABOUT = "source_system_id"
EVENTS = UUID("0b9a2f57-8f0c-5d64-9c6e-0a8a6f1c7b52")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watched:
    """A source, as far as it is watched."""

    pk: int
    name: str
    type: str
    slug: str
    last_seen: datetime | None
    frequency: timedelta | None

    def __str__(self) -> str:
        return f"{self.name} ({self.type})"

    def is_dead(self, at: datetime, heard_since: datetime | None = None) -> bool:
        """Tell whether it was silent for too long at `at`; who could only be heard since lately has time to come back.

        Without a heartbeat to keep, or never seen, it is never dead.
        """
        if self.frequency is None or self.last_seen is None:
            return False
        patience = [] if heard_since is None else [heard_since + min(self.frequency, MOST_PATIENCE)]
        return max(self.last_seen + self.frequency, *patience, self.last_seen) < at

    @property
    def silence(self) -> str:
        """The id of the incident about its silence since it was last seen."""
        since = (self.last_seen or datetime.min.replace(tzinfo=UTC)).astimezone(UTC)
        return f"{SILENT}-{self.pk}-{since:%Y%m%dT%H%M%S.%f}"


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a source that expires."""

    pk: int
    expires_at: datetime
    source: int
    owner: str
    """The source in words."""
    has_successor: bool
    """Whether the source has another token that still counts."""

    def is_expiring(self, at: datetime, notice: timedelta) -> bool:
        """Tell whether somebody should renew it; one that has expired matters where there is no other."""
        return self.expires_at - notice < at and not (self.expires_at <= at and self.has_successor)

    @property
    def expiry(self) -> str:
        """The id of the incident about its end."""
        return f"{EXPIRING}-{self.pk}-{self.expires_at.astimezone(UTC):%Y%m%dT%H%M%S}"


@dataclass(frozen=True, slots=True)
class Concern:
    """An incident of Argus's own about a source."""

    pk: int
    id: str
    """Its source incident id; one that somebody made by hand may have none, and can only be ended by hand."""
    changed_at: datetime
    about: tuple[str, ...]
    """Its tags `source_system_id`."""


def silences(
    now: datetime,
    sources: Sequence[Watched],
    open_: Iterable[Concern],
    ended: Iterable[Concern],
    heard_since: datetime | None,
) -> list[Report]:
    """Return what is to be said about sources that fall silent; those with an open incident are not told of again."""
    known = {pk for concern in open_ for pk in concern.about}
    before = {concern.id: concern for concern in ended}
    return [
        Report(
            type="start", source_incident_id=source.silence, occurred_at=_after(now, before.get(source.silence)),
            description=f"Missing heartbeat from source {source}, dead?", level=Level.LOW,
            tags=(f"problem_type={SILENT}", f"{ABOUT}={source.pk}"),
            event_id=_event_id(source.silence, before.get(source.silence)),
        )
        for source in sources
        if source.is_dead(now - GRACE, heard_since) and str(source.pk) not in known
    ]  # fmt: skip


def returns(now: datetime, sources: Sequence[Watched], open_: Iterable[Concern]) -> list[Report]:
    """Return the ends of incidents about sources that are heard again, or gone."""
    by_pk = {str(source.pk): source for source in sources}
    ends = [
        (concern, _end_of_silence(concern, by_pk.get(concern.about[0] if concern.about else ""), now))
        for concern in open_
    ]
    return [_end(now, concern, text) for concern, text in ends if text is not None and concern.id]


def _end_of_silence(concern: Concern, source: Watched | None, now: datetime) -> str | None:
    if not concern.about:
        return f"The source tag of incident {concern.pk} is missing, closing"
    if len(concern.about) > 1:
        log.warning("incident %s is about several sources and stays open: %s", concern.pk, ", ".join(concern.about))
        return None
    if source is None:
        return f"The source of incident {concern.pk} is gone, closing"
    return None if source.is_dead(now - GRACE) else f'Source "{source}" is again alive and well'


def expiries(
    now: datetime, tokens: Iterable[Token], open_: Collection[Concern], ended: Iterable[Concern], notice: timedelta
) -> list[Report]:
    """Return what is to be said about tokens that expire soon; those with an open incident are not told of again."""
    before = {concern.id: concern for concern in ended}
    return [
        Report(
            type="start", source_incident_id=token.expiry, occurred_at=_after(now, before.get(token.expiry)),
            description=f"Token for source system {token.owner} will expire on {token.expires_at:%Y-%m-%d}",
            level=Level.HIGH, event_id=_event_id(token.expiry, before.get(token.expiry)),
            tags=("location=argus", f"problem_type={EXPIRING}", f"{ABOUT}={token.source}", f"object={token.expiry}"),
        )
        for token in tokens
        if token.is_expiring(now, notice) and not any(_is_about(concern, token) for concern in open_)
    ]  # fmt: skip


def renewals(now: datetime, tokens: Iterable[Token], open_: Iterable[Concern], notice: timedelta) -> list[Report]:
    """Return the ends of incidents about tokens that were renewed or are gone."""
    expiring = [token for token in tokens if token.is_expiring(now, notice)]
    return [
        _end(now, concern, None)
        for concern in open_
        if concern.id and not any(_is_about(concern, token) for token in expiring)
    ]


def _is_about(concern: Concern, token: Token) -> bool:
    """Tell whether an incident is about a token; one that came from elsewhere is about all of its source's tokens."""
    if concern.id.startswith(f"{EXPIRING}-"):
        return concern.id.startswith(f"{EXPIRING}-{token.pk}-")
    return str(token.source) in concern.about


def _end(now: datetime, concern: Concern, text: str | None) -> Report:
    return Report(
        type="end", source_incident_id=concern.id, occurred_at=_after(now, concern), description=text,
        event_id=_event_id(f"end/{concern.id}", concern),
    )  # fmt: skip


def _after(now: datetime, concern: Concern | None) -> datetime:
    """Return now, or a little later where another clock is ahead: what is older than a change would change nothing."""
    return now if concern is None else max(now, concern.changed_at)


def _event_id(what: str, since: Concern | None) -> UUID:
    return uuid5(EVENTS, what if since is None else f"{what}/{since.changed_at.astimezone(UTC).isoformat()}")
