"""What bodies look like, for the API's document; what they are read by stands in the other modules."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from argus_api.wishes.filters import LONGEST_TAG
from argus_api.wishes.timeslots import LONGEST_ZONE
from argus_api.wishes.values import MOST_ITEMS
from argus_database.configuration.destinations import LONGEST_LABEL
from argus_database.configuration.maintenance import LONGEST_DESCRIPTION
from argus_database.configuration.owned import LARGEST_PK, LONGEST_NAME
from argus_schemas.words import EventType

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Number = Annotated[int, Field(ge=1, le=LARGEST_PK)]
Numbers = Annotated[list[Number], Field(max_length=MOST_ITEMS)]
SomeNumbers = Annotated[list[Number], Field(min_length=1, max_length=MOST_ITEMS)]
Tag = Annotated[str, Field(min_length=3, max_length=LONGEST_TAG)]
Clock = Annotated[str, Field(pattern=r"^[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?$")]
Unsaid: str = Field(default_factory=str)
"""May be absent, without a default that one could send."""


class ConditionsBody(BaseModel):
    """What a filter asks for; what is unset does not matter."""

    sourceSystemIds: Numbers | None = None  # noqa: N815  Argus's own names are the public format
    source_types: Annotated[list[str], Field(max_length=MOST_ITEMS)] | None = None
    tags: Annotated[list[Tag], Field(max_length=MOST_ITEMS)] | None = None
    open: bool | None = None
    acked: bool | None = None
    stateful: bool | None = None
    maxlevel: Annotated[int, Field(ge=1, le=5)] | None = None
    event_types: Annotated[list[EventType], Field(max_length=MOST_ITEMS)] | None = None
    hide_closed_acked: bool = False


class FilterBody(BaseModel):
    """A filter."""

    name: Name
    filter: ConditionsBody = ConditionsBody()
    public: bool = False


class RecurrenceBody(BaseModel):
    """A stretch of the week, from `start` to `end` of each of the days, or to `end` of the next where that is first."""

    days: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(max_length=MOST_ITEMS)]
    start: Clock = Unsaid
    end: Clock = Unsaid
    all_day: bool = False


class TimeslotBody(BaseModel):
    """A timeslot, on the clocks of an IANA time zone."""

    name: Name
    time_recurrences: Annotated[list[RecurrenceBody], Field(max_length=MOST_ITEMS)]
    zone: Annotated[str, Field(max_length=LONGEST_ZONE)] = Unsaid


class DestinationBody(BaseModel):
    """A destination; what its settings must say is told by its medium."""

    media: str
    label: Annotated[str, Field(max_length=LONGEST_LABEL)] | None = None
    settings: dict[str, Any]


class ProfileBody(BaseModel):
    """A profile; `timeslots` may stand beside or in place of `timeslot`."""

    name: Annotated[str, Field(max_length=LONGEST_NAME)] | None = None
    timeslot: Number
    timeslots: SomeNumbers = []
    filters: SomeNumbers
    destinations: Numbers = []
    active: bool = True


class MaintenanceBody(BaseModel):
    """A planned maintenance task; without an end it lasts for ever."""

    filters: SomeNumbers
    start_time: Annotated[str, Field(json_schema_extra={"format": "date-time"})] = Unsaid
    end_time: Annotated[str, Field(json_schema_extra={"format": "date-time"})] | None = None
    description: Annotated[str, Field(max_length=LONGEST_DESCRIPTION)] = ""
