"""What bodies look like, for the API's document; what they are read by stands in the other modules."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from argus_api.wishes.filters import LONGEST_TAG
from argus_api.wishes.maintenance import Every, Nth
from argus_api.wishes.timeslots import LONGEST_ZONE
from argus_api.wishes.values import MOST_ITEMS
from argus_database.configuration.destinations import LONGEST_LABEL
from argus_database.configuration.limits import MOST_LISTS, MOST_NAMED, MOST_STEPS
from argus_database.configuration.maintenance import LONGEST_DESCRIPTION
from argus_database.configuration.owned import LARGEST_PK, LONGEST_NAME
from argus_database.configuration.sources import LONGEST_TYPE
from argus_http.shapes import Moment
from argus_schemas.configuration import Damping
from argus_schemas.schedules import MOST_DATES
from argus_schemas.words import EventType

Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
Number = Annotated[int, Meta(ge=1, le=LARGEST_PK)]
Numbers = Annotated[list[Number], Meta(max_length=MOST_ITEMS)]
Named = Annotated[list[Number], Meta(max_length=MOST_NAMED)]
SomeNamed = Annotated[list[Number], Meta(min_length=1, max_length=MOST_NAMED)]
Tags = Annotated[list[Annotated[str, Meta(min_length=3, max_length=LONGEST_TAG)]], Meta(max_length=MOST_ITEMS)]
Types = Annotated[list[Annotated[str, Meta(max_length=LONGEST_TYPE)]], Meta(max_length=MOST_ITEMS)]
Days = Annotated[list[Annotated[int, Meta(ge=1, le=7)]], Meta(max_length=MOST_ITEMS, description="1 is Monday.")]
Day = Annotated[str, Meta(extra_json_schema={"format": "date"})]
Zone = Annotated[str, Meta(max_length=LONGEST_ZONE)]
Clock = Annotated[str, Meta(pattern=r"^[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?$")]
Forever = Annotated[Moment | None, Meta(description="Null: for ever.")]


class ConditionsBody(msgspec.Struct):
    """What a filter asks for; what is unset does not matter."""

    sourceSystemIds: Numbers | None = None  # noqa: N815  Argus's own names are the public format
    source_types: Types | None = None
    tags: Tags | None = None
    open: bool | None = None
    acked: bool | None = None
    stateful: bool | None = None
    maxlevel: Annotated[int, Meta(ge=1, le=5)] | None = None
    event_types: Annotated[list[EventType], Meta(max_length=MOST_ITEMS)] | None = None
    hide_closed_acked: bool = False


class FilterBody(msgspec.Struct):
    """A filter; its conditions take at most 32 KiB as JSON."""

    name: Name
    filter: ConditionsBody | UnsetType = UNSET
    public: bool = False


class RecurrenceBody(msgspec.Struct):
    """A stretch of the week, from `start` to `end` of each of the days, or to `end` of the next where that is first."""

    days: Days
    start: Clock | UnsetType = UNSET
    end: Clock | UnsetType = UNSET
    all_day: bool = False


class TimeslotBody(msgspec.Struct):
    """A timeslot, on the clocks of an IANA time zone."""

    name: Name
    time_recurrences: Annotated[list[RecurrenceBody], Meta(max_length=MOST_NAMED)]
    zone: Zone | UnsetType = UNSET


class DestinationBody(msgspec.Struct):
    """A destination; what its settings must say is told by its medium."""

    media: str
    settings: dict[str, Any]
    label: Annotated[str, Meta(max_length=LONGEST_LABEL)] | None = None


class ProfileBody(msgspec.Struct):
    """A profile; `timeslots` may stand beside or in place of `timeslot`."""

    timeslot: Number
    filters: SomeNamed
    timeslots: SomeNamed | UnsetType = UNSET
    destinations: Named | UnsetType = UNSET
    name: Annotated[str, Meta(max_length=LONGEST_NAME)] | None = None
    active: bool = True


class MaintenanceBody(msgspec.Struct):
    """A planned maintenance task."""

    filters: SomeNamed
    start_time: Moment | UnsetType = UNSET
    end_time: Forever | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=LONGEST_DESCRIPTION)] = ""


class TimeslotBodyV3(TimeslotBody):
    """A timeslot, on the clocks of an IANA time zone; on the days of its date lists nothing of it starts."""

    exceptions: Annotated[list[Number], Meta(max_length=MOST_LISTS)] | UnsetType = UNSET


class DateListBody(msgspec.Struct):
    """A date list."""

    name: Name
    dates: Annotated[list[Day], Meta(max_length=MOST_DATES)]


class StepBody(msgspec.Struct):
    """Whom to tell of an incident that is still open and not acknowledged so long after its start."""

    after_minutes: Annotated[int, Meta(ge=1, le=10_080)]
    destinations: SomeNamed


class ProfileBodyV3(ProfileBody):
    """A profile; `timeslots` may stand beside or in place of `timeslot`. Each step comes later than the one before."""

    damping: Annotated[Damping | None, Meta(description="Null: what flaps is told as anything else.")] = None
    escalation: Annotated[list[StepBody], Meta(max_length=MOST_STEPS)] | UnsetType = UNSET


class RepeatsBody(msgspec.Struct):
    """How a task comes again: at the same time of other days, on the clocks of `zone`; none begins after `until`."""

    every: Every
    interval: Annotated[int, Meta(ge=1, le=99, description="2: every other one.")] = 1
    days: Days | UnsetType = UNSET
    nth: Annotated[Nth | None, Meta(description="Which of a month's `days`; -1 is the last.")] = None
    until: Forever | UnsetType = UNSET
    zone: Zone | UnsetType = UNSET


class MaintenanceBodyV3(MaintenanceBody):
    """A planned maintenance task; one that repeats has an `end_time` within 7 days of its start."""

    repeats: Annotated[RepeatsBody | None, Meta(description="Null: it comes once.")] = None
    tell_after: Annotated[bool, Meta(description="Whether it is told of what is still open when it is over.")] = True


class QuietBody(msgspec.Struct):
    """Until when one wants to be told of nothing: at most 30 days ahead."""

    until: Moment


def _changes(body: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """Return a body of which nothing is required; PUT requires what POST does."""
    name = body.__name__.replace("Body", "Changes")
    unset = [(field.name, field.type | UnsetType, UNSET) for field in msgspec.structs.fields(body)]
    told = f"What is to change; PUT needs what {body.__name__} does."
    return msgspec.defstruct(name, unset, namespace={"__doc__": told})


FilterChanges = _changes(FilterBody)
TimeslotChanges = _changes(TimeslotBody)
DestinationChanges = _changes(DestinationBody)
ProfileChanges = _changes(ProfileBody)
MaintenanceChanges = _changes(MaintenanceBody)
DateListChanges = _changes(DateListBody)
OF_V3: tuple[type[msgspec.Struct], ...] = (TimeslotBodyV3, ProfileBodyV3, MaintenanceBodyV3)

BODIES = (
    ConditionsBody, FilterBody, TimeslotBody, DestinationBody, ProfileBody, MaintenanceBody, FilterChanges,
    TimeslotChanges, DestinationChanges, ProfileChanges, MaintenanceChanges, DateListBody, DateListChanges, QuietBody,
    *OF_V3, *map(_changes, OF_V3),
)  # fmt: skip
