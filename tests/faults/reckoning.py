"""What a log of incidents comes to: the slow, obvious reading of it, which asks each profile about each event."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from uuid import UUID

from argus_domain.fold import MOST_RECENT, fold
from argus_domain.outcome import State, What
from argus_domain.profiles import NO_FALLBACK, accepts, listens
from argus_schemas.configuration import Profile, document_key
from argus_schemas.incident import Event, Incident
from argus_schemas.records import IncidentRecord
from argus_schemas.words import EventType
from tests.loop_index import LoopIndex

BEGINS = {EventType.START, EventType.RESTART, EventType.REOPEN}
ENDS = {EventType.END, EventType.CLOSE}
Pairs = set[tuple[int, int]]
"""Profiles and destinations."""


class Reckoning:
    """Takes in the records of a log, each partition's in their order, and knows who must have been told of what."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self.told: dict[tuple[int, int], list[UUID]] = defaultdict(list)
        """For each incident and destination the ids of the events to be told, in order."""
        self.states: dict[str, State] = {}
        self.promised: dict[str, Pairs] = {}
        """Who was told of each incident's start, and so hears of its end."""
        self.meant: Counter[What] = Counter()
        self.kinds: Counter[str] = Counter()
        self._loop = LoopIndex()
        for profile in profiles:
            self._loop.put(document_key(profile.kind, profile.pk), profile)

    def take(self, record: IncidentRecord) -> None:
        """Take in the next record of its partition."""
        before = self.states.get(record.key, State())
        state, outcome = fold(before, record)
        self.kinds[record.kind] += 1
        self.meant[outcome.what] += 1
        if state.incident is None:  # forgotten whole
            self.states.pop(record.key, None)
            self.promised.pop(record.key, None)
            return
        if outcome.what is What.REPEATED:
            return
        self.states[record.key] = State(state.incident, state.recent[-MOST_RECENT:])
        for number, event in enumerate(outcome.events):
            first, applied = number == 0, outcome.what in (What.APPLIED, What.RESTARTED)
            asking = self._asking(state.incident, event, before.incident, first=first) if record.may_notify else set()
            promised = self._promised(record, event) if applied and event.type in ENDS else set()
            for destination in sorted({destination for _, destination in asking | promised}):
                self.told[event.incident, destination].append(event.event_id)
            if first and applied and event.type in BEGINS:
                kept = self.promised.get(record.key, set()) if event.type is EventType.START else set()
                self.promised[record.key] = kept | asking

    def _asking(self, incident: Incident, event: Event, before: Incident | None, *, first: bool) -> Pairs:
        wanting = self._loop.wanting(incident, event)
        if event.type is EventType.CHANGE:
            wanting = [profile for profile in wanting if _is_news(profile, event, before, first=first)]
        return _pairs(wanting)

    def _promised(self, record: IncidentRecord, event: Event) -> Pairs:
        """Return who was told of the start and would hear of an end (docs/differences.md, 6.6)."""
        if not record.may_notify:
            return set()
        return {
            (pk, destination)
            for pk, destination in self.promised.get(record.key, ())
            if (profile := self._loop.profile(pk)) is not None and listens(profile, event, NO_FALLBACK)
        }


def _pairs(profiles: Iterable[Profile]) -> Pairs:
    def each() -> Iterator[tuple[int, int]]:
        for profile in profiles:
            for destination in profile.destinations:
                yield profile.pk, destination

    return set(each())


def _is_news(profile: Profile, event: Event, before: Incident | None, *, first: bool) -> bool:
    """Tell whether a profile names changes, or did not accept the incident before this one (6.7)."""
    if any(EventType.CHANGE in named.filter.event_types for named in profile.filters):
        return True
    return first and (before is None or not accepts(profile.filters, before, event.received_at))
