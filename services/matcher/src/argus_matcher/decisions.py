"""What a record causes: the state that it leaves behind, who is told, and what is withheld and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from argus_domain.fold import MOST_RECENT, fold
from argus_domain.outcome import Outcome, State, What
from argus_matcher.aftermath import Heard, Held, aftermath
from argus_matcher.flapping import Damper
from argus_matcher.index import Index
from argus_matcher.matching import ENDS, STARTS, Match, Occasion, matches
from argus_matcher.notices import MAINTENANCE, Notice, Notices, Obstacle, Withheld
from argus_matcher.remembering import capped
from argus_schemas.configuration import Maintenance
from argus_schemas.incident import Event, Incident
from argus_schemas.memory import MatcherState
from argus_schemas.notification import Notification
from argus_schemas.records import Record

MOVES = STARTS | ENDS

__all__ = ["Decision", "Withheld", "decide"]


@dataclass(frozen=True, slots=True)
class Decision:
    """All that a record causes."""

    outcome: Outcome
    state: MatcherState | None
    """What to remember; None: nothing."""
    notifications: tuple[Notification, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    forgotten: int = 0
    """Destinations that there is no room to remember."""


def decide(
    record: Record, memory: MatcherState | None, *, index: Index, now: datetime, too_old_after: timedelta
) -> Decision:
    """Return what `record` causes, after `memory` of its incident."""
    before = _remembered(record, memory)
    state, outcome = fold(State(before.incident, before.recent) if before else State(), record)
    incident = state.incident
    if incident is None:
        return Decision(outcome, None)
    if outcome.what is What.REPEATED:
        return Decision(outcome, memory)
    moved = _moved(outcome)
    damper = Damper(before, moved, index) if moved and record.may_notify and _damps(index, before) else None
    notices = Notices(now, too_old_after)
    telling = _Telling(index, notices, damper)
    if record.may_notify:
        for occasion in _occasions(outcome, incident, before):
            telling.tell(occasion)
    after = before or MatcherState(incident=incident)
    after = after.but(incident=incident, recent=state.recent[-MOST_RECENT:])
    if damper is not None:
        after = after.but(changes=damper.changes, flapping=damper.flapping)
    remembered, forgotten = capped(aftermath(after, moved, telling.heard, record.received_at))
    return Decision(outcome, remembered, tuple(notices.notifications), tuple(notices.withheld), forgotten)


def _remembered(record: Record, memory: MatcherState | None) -> MatcherState | None:
    """Return what is known of the incident: the matcher's memory, else the copy that came with the record."""
    if memory is None and record.incident is not None:
        return MatcherState(incident=record.incident)
    return memory


def _moved(outcome: Outcome) -> Event | None:
    """Return the event that opened or ended the incident, if one did."""
    applied = outcome.what in (What.APPLIED, What.RESTARTED)
    return outcome.events[0] if applied and outcome.events and outcome.events[0].type in MOVES else None


def _damps(index: Index, before: MatcherState | None) -> bool:
    """Tell whether anybody may be spared what happens; else nothing has to be counted."""
    return index.damps or (before is not None and bool(before.flapping))


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


class _Telling:
    """Makes the events of one record known to those whom they concern, as far as nothing stands against it."""

    def __init__(self, index: Index, notices: Notices, damper: Damper | None) -> None:
        self.heard = Heard()
        self._index = index
        self._notices = notices
        self._damper = damper

    def tell(self, occasion: Occasion) -> None:
        found = matches(occasion, self._index)
        maintenance = self._index.covering(occasion.incident, occasion.event) if found else None
        notice = Notice(occasion.event, occasion.incident)
        if occasion.leads:
            self.heard.event = occasion.event
        for match in found:
            self._tell(match, notice, maintenance, leads=occasion.leads)

    def _tell(self, match: Match, notice: Notice, maintenance: Maintenance | None, *, leads: bool) -> None:
        """Tell a match; of the first event of a record, which damping may spare it, it is remembered."""
        damper, notices = self._damper if leads else None, self._notices
        heeding = damper.heeding(match) if damper else match
        if isinstance(heeding, Obstacle):
            notices.withhold(match, notice, heeding)
            return
        if obstacle := notices.obstacle(heeding, notice.event.received_at, maintenance):
            notices.withhold(heeding, notice, obstacle)
            if leads and maintenance is not None and obstacle.word == MAINTENANCE:
                self.heard.held.append(Held(heeding, maintenance))
            return
        notices.notify(*(damper.announced(heeding, notice) if damper else (heeding, notice)))
        if leads:  # also of profiles that begin to be spared with it: it is what they know of the incident
            self.heard.told.append(heeding)
