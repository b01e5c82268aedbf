"""What a record causes: the state that it leaves behind, who is told, and what is withheld and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from argus_domain.fold import MOST_RECENT, fold
from argus_domain.outcome import Outcome, State, What
from argus_matcher.index import Index
from argus_matcher.matching import ENDS, STARTS, Match, Occasion, matches
from argus_schemas.configuration import Maintenance
from argus_schemas.identity import notification_id
from argus_schemas.incident import Event, Incident
from argus_schemas.memory import MatcherState, Told
from argus_schemas.notification import Delivery, Notification, Reason
from argus_schemas.records import Record
from argus_schemas.words import EventType

PURPOSE = "event"
TOO_OLD = "too old"
MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Withheld:
    """A notification that is not to be, as its owner reads it, and why in a word."""

    delivery: Delivery
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """All that a record causes."""

    outcome: Outcome
    state: MatcherState | None
    """What to remember; None: nothing."""
    notifications: tuple[Notification, ...] = ()
    withheld: tuple[Withheld, ...] = ()


def decide(
    record: Record, memory: MatcherState | None, *, index: Index, now: datetime, too_old_after: timedelta
) -> Decision:
    """Return what `record` causes, after `memory` of its incident."""
    before = _remembered(record, memory)
    state, outcome = fold(State(before.incident, before.recent) if before else State(), record)
    incident = state.incident
    if incident is None:
        return Decision(outcome, None)
    told = before.told if before else ()
    if outcome.what is What.REPEATED:
        return Decision(outcome, memory)
    telling = _Telling(index, now, too_old_after)
    if record.may_notify:
        for occasion in _occasions(outcome, incident, before):
            telling.tell(occasion)
    if _starts(outcome):
        told = _promises(told, outcome, telling.told)
    remembered = MatcherState(incident=incident, recent=state.recent[-MOST_RECENT:], told=told)
    return Decision(outcome, remembered, tuple(telling.notifications), tuple(telling.withheld))


def _remembered(record: Record, memory: MatcherState | None) -> MatcherState | None:
    """Return what is known of the incident: the matcher's memory, else the copy that came with the record."""
    if memory is None and record.incident is not None:
        return MatcherState(incident=record.incident)
    return memory


def _occasions(outcome: Outcome, incident: Incident, before: MatcherState | None) -> Iterator[Occasion]:
    for number, event in enumerate(outcome.events):
        yield Occasion(
            event,
            incident,
            before=before.incident if before else None,
            told=before.told if before else (),
            leads=number == 0,
            ends=outcome.what is What.APPLIED and event.type in ENDS,
        )


def _starts(outcome: Outcome) -> bool:
    applied = outcome.what in (What.APPLIED, What.RESTARTED)
    return applied and bool(outcome.events) and outcome.events[0].type in STARTS


def _promises(before: Iterable[Told], outcome: Outcome, now: Iterable[Told]) -> tuple[Told, ...]:
    """Return who is to hear of the end: after a restart those who were told of it, else also those told before."""
    found = {each.destination: each for each in before} if outcome.events[0].type is EventType.START else {}
    for told in now:
        known = found.get(told.destination)
        profiles = (*(known.profiles if known else ()), *told.profiles)
        found[told.destination] = told.but(profiles=tuple(dict.fromkeys(profiles)))
    return tuple(found.values())


class _Telling:
    """Gathers what the events of one record make known, and to whom."""

    def __init__(self, index: Index, now: datetime, too_old_after: timedelta) -> None:
        self.notifications: list[Notification] = []
        self.withheld: list[Withheld] = []
        self.told: list[Told] = []
        """Who is told of the record's first event."""
        self._index = index
        self._now = now
        self._too_old_after = too_old_after

    def tell(self, occasion: Occasion) -> None:
        found = matches(occasion, self._index)
        maintenance = self._index.covering(occasion.incident, occasion.event) if found else None
        for match in found:
            if reason := self._obstacle(match, occasion.event, maintenance):
                self.withheld.append(self._withheld(match, occasion.event, reason))
                continue
            self.notifications.append(self._notification(match, occasion))
            if occasion.leads:
                self.told.append(match.told)

    def _obstacle(self, match: Match, event: Event, maintenance: Maintenance | None) -> tuple[str, str] | None:
        if self._now - event.received_at > self._too_old_after:
            return TOO_OLD, f"too old: received {event.received_at.isoformat()}"
        if maintenance is not None and not match.promised:
            return MAINTENANCE, f"planned maintenance {maintenance.pk}: {maintenance.description}"[:2000]
        return None

    def _notification(self, match: Match, occasion: Occasion) -> Notification:
        return Notification(
            id=notification_id(occasion.event.event_id, match.destination, PURPOSE),
            destination=match.destination,
            owner=match.owner,
            event=occasion.event,
            incident=occasion.incident,
            reasons=tuple(Reason(profile=profile.pk, name=profile.name or "") for profile in match.profiles),
            matched_at=self._now,
        )

    def _withheld(self, match: Match, event: Event, reason: tuple[str, str]) -> Withheld:
        word, words = reason
        delivery = Delivery(
            notification=notification_id(event.event_id, match.destination, PURPOSE),
            destination=match.destination,
            owner=match.owner,
            incident=event.incident,
            event=event.pk,
            event_id=event.event_id,
            state="suppressed",
            at=self._now,
            reason=words,
            profiles=tuple(profile.pk for profile in match.profiles),
        )
        return Withheld(delivery, word)
