"""What planned maintenance withheld is told when it is over, of incidents that are still open."""

from datetime import datetime

from argus_domain.profiles import asks_now
from argus_domain.repeats import occurrence_at
from argus_domain.states import is_open
from argus_matcher.matching import Match
from argus_matcher.reckoning import Reckoning
from argus_schemas.configuration import Maintenance, Profile
from argus_schemas.memory import MatcherState, Withheld

PURPOSE = "maintenance over"


def held_back(match: Match, task: Maintenance, moment: datetime) -> Withheld:
    """Return what is remembered of a match that a task withheld at a moment."""
    told = match.told
    return Withheld(
        destination=told.destination,
        owner=told.owner,
        profiles=told.profiles,
        task=task.pk,
        due_at=_over_at(task, moment),
    )


def _over_at(task: Maintenance, moment: datetime) -> datetime | None:
    occurrence = occurrence_at(task, moment)
    return None if occurrence is None else occurrence.end


def released(memory: MatcherState, reckoning: Reckoning) -> tuple[Withheld, ...]:
    """Tell what nothing withholds any more; return what is still withheld."""
    now = reckoning.now
    if not is_open(reckoning.incident, now):
        return ()
    if (task := reckoning.maintenance) is not None:
        over_at = _over_at(task, now)
        return tuple(each.but(task=task.pk, due_at=over_at) for each in memory.withheld)
    left, told = list[Withheld](), {match.destination for match in reckoning.told}
    for each in memory.withheld:
        if each.destination in told:  # another timer was first
            continue
        if each.due_at is not None and reckoning.moment <= each.due_at < now:  # the log is not read so far
            left.append(each)
        elif reckoning.has_room():
            _release(each, memory, reckoning)
        else:
            left.append(each.but(due_at=now))
    return tuple(left)


def _release(withheld: Withheld, memory: MatcherState, reckoning: Reckoning) -> None:
    task = reckoning.index.task(withheld.task)
    profiles = tuple(_asking(withheld, memory, reckoning))
    if (task is None or task.tell_after) and profiles:
        over = f"planned maintenance {withheld.task} is over" + (f": {task.description}" if task else "")
        match = Match(withheld.destination, profiles)
        reckoning.tell(match, reckoning.notice(PURPOSE, over, match), reckoning.now)


def _asking(withheld: Withheld, memory: MatcherState, reckoning: Reckoning) -> list[Profile]:
    """Return the profiles that ask for the destination now; those that it flaps for hear when it has settled."""
    flapping = {each.profile for each in memory.flapping}
    found = (reckoning.index.profile(pk) for pk in withheld.profiles if pk not in flapping)
    return [
        profile
        for profile in found
        if profile is not None
        and withheld.destination in profile.destinations
        and asks_now(profile, reckoning.incident, reckoning.now, reckoning.index.fallback)
    ]
