"""What a timer causes: who is told because something is due, and the state that it leaves behind."""

from dataclasses import dataclass
from datetime import datetime

from argus_domain.states import is_acked, is_open
from argus_matcher.escalating import begun, escalated
from argus_matcher.flapping import Settled, calmed
from argus_matcher.index import Index
from argus_matcher.notices import MAINTENANCE, Notices, Withheld
from argus_matcher.reckoning import Reckoning
from argus_matcher.release import held_back, released
from argus_matcher.remembering import capped, joined, kept_back, waiting
from argus_schemas.memory import Escalation, MatcherState
from argus_schemas.notification import Notification


@dataclass(frozen=True, slots=True)
class Due:
    """All that a timer causes."""

    state: MatcherState
    notifications: tuple[Notification, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    forgotten: int = 0
    """Destinations that there is no room to remember."""


def fall_due(memory: MatcherState, *, index: Index, moment: datetime, notices: Notices, room: int) -> Due:
    """Return what is told of an incident because something of it was due before `moment`.

    Args:
        memory: What is remembered of the incident.
        index: The rules as they are now.
        moment: The log is read up to where it ended then; what was due later may be void by what stands behind that.
        notices: Gathers what is made known, and knows the time.
        room: So many are told, or a few more; what else is due is so afterwards, too.
    """
    if memory.news is None:
        return Due(memory.but(due_at=None))
    reckoning = Reckoning(memory.incident, memory.news, index, notices, moment=moment, room=room)
    flapping, settled = calmed(memory, reckoning)
    escalations = _begun_again(escalated(memory.escalations, reckoning), settled, reckoning)
    left = released(memory, reckoning)
    told = joined(memory.told, reckoning.told)
    task = reckoning.maintenance if settled else None
    held = [held_back(each.match, task, notices.now) for each in settled if task and task.tell_after and _held(each)]
    withheld = kept_back(left, held, told)
    after = memory.but(told=told, withheld=withheld, escalations=escalations, flapping=flapping)
    state, forgotten = capped(waiting(after, memory.news))
    return Due(state, tuple(notices.notifications), tuple(notices.withheld), forgotten)


def _begun_again(
    escalations: tuple[Escalation, ...], settled: list[Settled], reckoning: Reckoning
) -> tuple[Escalation, ...]:
    """Return the escalations, with those of profiles that hear only now that the incident is open, and stays so."""
    incident, now = reckoning.incident, reckoning.now
    if not settled or not is_open(incident, now) or is_acked(incident, now):
        return escalations
    heard = (each for each in settled if each.obstacle is None or _held(each))
    return begun(escalations, (profile for each in heard for profile in each.spared), now)


def _held(settled: Settled) -> bool:
    return settled.obstacle is not None and settled.obstacle.word == MAINTENANCE
