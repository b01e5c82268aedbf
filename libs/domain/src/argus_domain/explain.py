"""Why a profile is told of an event, or is not: each condition, what was wanted and what was found (design 5)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from argus_domain.clocks import shown
from argus_domain.filters import EMPTY
from argus_domain.findings import Finding, Seen, listed, moment, of_filter
from argus_domain.maintenance import covers_at
from argus_domain.profiles import is_awake, is_quiet
from argus_domain.timeslots import contains
from argus_schemas.configuration import Filter, Maintenance, Profile
from argus_schemas.incident import Event, Incident
from argus_schemas.schedules import Timeslot
from argus_schemas.words import EventType

CHANGED = (
    "A change is told only to profiles that did not accept the incident before, and to those whose filters name CHI."
)
ENDED = (
    "An end is also told to destinations that were told of the start, whatever the incident has become and whatever "
    "maintenance there is; event types, timeslots, and whether profile and owner are active still decide."
)
NOTES = {EventType.CHANGE: CHANGED, EventType.END: ENDED, EventType.CLOSE: ENDED}
"""What depends on more than the event and the incident as it is after it (design 6.6, 6.7)."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that was asked of a profile."""

    asked: tuple[Finding, ...]
    """Whether it wants the event, or the incident."""
    in_the_way: tuple[Finding, ...]
    """Whether something keeps it from being told."""
    note: str = ""

    @property
    def wanted(self) -> bool:
        """Whether the profile asks to be told, as `profiles.wants` says."""
        return all(finding.holds for finding in self.asked)

    @property
    def withheld(self) -> bool:
        """Whether something is in the way of telling it."""
        return not all(finding.holds for finding in self.in_the_way)


def explain(
    profile: Profile,
    incident: Incident,
    at: datetime,
    event: Event | None = None,
    *,
    fallback: Filter = EMPTY,
    tasks: Iterable[Maintenance] = (),
) -> Explanation:
    """Say which conditions hold for the incident as it is at `at`.

    Args:
        profile: Whose conditions are asked.
        incident: As it is after the event, if there is one.
        at: When it is looked at, as its filters and its owner's quiet ask; of an event, when that was received.
        event: What happened; when it did is asked of timeslots and maintenance. None: nothing in particular, now.
        fallback: The conditions that count where a filter has none.
        tasks: Planned maintenance that may cover it.
    """
    happened_at = at if event is None else event.occurred_at
    asked = (
        *_of_profile(profile),
        *(each for named in profile.filters for each in of_filter(named, Seen(incident, at, event), fallback)),
        _timeslots(profile, happened_at),
    )
    in_the_way = (_destinations(profile), _quiet(profile, at), *_maintenance(tasks, incident, at, happened_at))
    return Explanation(asked, in_the_way, "" if event is None else NOTES.get(event.type, ""))


def _of_profile(profile: Profile) -> Iterator[Finding]:
    is_or_not = {True: "it is", False: "it is not"}
    yield Finding("active", profile.active, "an active profile", is_or_not[profile.active])
    yield Finding("owner_active", profile.owner_active, "an active owner", is_or_not[profile.owner_active])
    many = len(profile.filters)
    yield Finding("filters", many > 0, "a filter", f"the profile has {many or 'none, so it is told of nothing'}")


def _timeslots(profile: Profile, at: datetime) -> Finding:
    found = "; ".join(timeslot_at(timeslot, at) for timeslot in _most_telling(profile.timeslots, at))
    wanted = "a timeslot at that time"
    return Finding(
        "timeslots", is_awake(profile, at), wanted, found or "the profile has none, so it is told of nothing"
    )


def _most_telling(timeslots: tuple[Timeslot, ...], at: datetime) -> tuple[Timeslot, ...]:
    """Return the first that has the moment; where none has, all but for those that a sentence has no room for."""
    awake = next((timeslot for timeslot in timeslots if contains(timeslot, at)), None)
    return timeslots[:10] if awake is None else (awake,)


def timeslot_at(timeslot: Timeslot, at: datetime) -> str:
    """Return what the clocks of a timeslot's zone show, and whether that is among its times."""
    clock = shown(timeslot.zone, at)
    name = f"timeslot '{timeslot.name}' ({timeslot.zone}): {clock:%H:%M} on {clock:%A}"
    if contains(timeslot, at):
        return f"{name} is in one of its times"
    lists = [each.name for each in timeslot.exceptions if clock.date() in each.dates]
    left_out = f"; none begins on {clock:%Y-%m-%d}, which stands in {listed(lists)}" if lists else ""
    return f"{name} is in none of its times{left_out}"


def _destinations(profile: Profile) -> Finding:
    many = len(profile.destinations)
    return Finding("destinations", many > 0, "a destination", f"the profile has {many or 'none'}")


def _quiet(profile: Profile, at: datetime) -> Finding:
    quiet, until = is_quiet(profile, at), profile.quiet_until
    found = f"it is quiet until {moment(until)}" if quiet and until is not None else "it is not quiet"
    return Finding("quiet", not quiet, "an owner who is not quiet", found)


def _maintenance(
    tasks: Iterable[Maintenance], incident: Incident, at: datetime, happened_at: datetime
) -> Iterator[Finding]:
    wanted = "no planned maintenance"
    covering = [task for task in tasks if covers_at(task, incident, at, happened_at)]
    if not covering:
        yield Finding("maintenance", holds=True, wanted=wanted, found="none covers the incident at that time")
    for task in covering:
        found = f"'{task.description}' covers the incident at that time"
        yield Finding("maintenance", holds=False, wanted=wanted, found=found, about=f"planned maintenance {task.pk}")
