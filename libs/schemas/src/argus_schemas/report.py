"""A report: what a source says about one of its incidents. This is the public contract for glue authors."""

import re
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter, field_validator, model_validator

from argus_schemas.base import Json, Moment, Schema, Text
from argus_schemas.incident import (
    LONGEST_SOURCE_INCIDENT_ID,
    LONGEST_TAG_KEY,
    LONGEST_TAG_VALUE,
    LONGEST_TEXT,
    LONGEST_URL,
    MOST_TAGS,
    TAG_TOO_LONG,
    TagName,
)
from argus_schemas.words import Level

LARGEST_REPORT = 256 * 1024
"""Bytes of a report; a longer one is refused."""

Description = Annotated[Text, Field(max_length=LONGEST_TEXT)]
SourceIncidentId = Annotated[Text, Field(max_length=LONGEST_SOURCE_INCIDENT_ID)]
Url = Annotated[Text, Field(max_length=LONGEST_URL)]
TagText = Annotated[Text, Field(pattern=r"(?s)^[a-z0-9_]+=.*$")]

NUMBER = re.compile(r"\s*[-+]?[0-9.]+\s*")
"""What would count as seconds since 1970, though it may have been meant as `20260101`."""

ReportType = Literal["start", "end", "change", "stateless", "other"]


class Report(Schema):
    """What happened, by the source's own id of the incident."""

    type: ReportType
    source_incident_id: SourceIncidentId = ""
    """The source's own id of the incident; only `start` and `stateless` may leave it out."""
    occurred_at: Moment
    description: Description | None = None
    level: Level | None = None
    tags: Annotated[tuple[TagText, ...], Field(max_length=MOST_TAGS)] | None = None
    """The whole set of tags, each `key=value`."""
    details_url: Url | None = None
    ticket_url: Url | None = None
    metadata: Json = None
    event_id: UUID | None = None
    """The sender's own identity of this report; a second one with the same is a repeat."""

    @field_validator("source_incident_id", mode="before")
    @classmethod
    def _number_as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("occurred_at", mode="before")
    @classmethod
    def _is_a_text(cls, value: object) -> object:
        if isinstance(value, int | float) or (isinstance(value, str) and NUMBER.fullmatch(value)):
            raise ValueError("A number is no timestamp; use ISO 8601 with an offset.")
        return value

    @field_validator("level", mode="before")
    @classmethod
    def _is_no_truth(cls, value: object) -> object:
        if isinstance(value, bool):
            raise ValueError("true is no level.")  # noqa: TRY004  pydantic reports it
        return value

    @field_validator("tags", mode="before")
    @classmethod
    def _are_not_too_many(cls, value: object) -> object:
        """Say so once, before each of a hundred thousand is found to be wrong."""
        if isinstance(value, list) and len(value) > MOST_TAGS:
            raise ValueError(f"A report has {MOST_TAGS} tags at most.")
        return value

    @model_validator(mode="after")
    def _names_an_incident(self) -> "Report":
        if self.type in {"end", "change", "other"} and not self.source_incident_id:
            raise ValueError(f"A report of type '{self.type}' needs a source_incident_id.")
        self.tag_names()  # refuses what a tag cannot be
        return self

    def tag_names(self) -> tuple[TagName, ...] | None:
        """Return the tags wished, split at the first `=`, each once; None where the report is silent."""
        if self.tags is None:
            return None
        pairs = dict.fromkeys(tuple(tag.split("=", 1)) for tag in self.tags)
        return tuple(_tag_name(key.strip(), value.strip()) for key, value in pairs)


def _tag_name(key: str, value: str) -> TagName:
    if len(key) > LONGEST_TAG_KEY or len(value) > LONGEST_TAG_VALUE:
        raise ValueError(TAG_TOO_LONG)
    return TagName(key=key, value=value)


REPORT: TypeAdapter[Report] = TypeAdapter(Report)
