"""What bodies about accounts and sources look like, for the API's document."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from argus_api import logins
from argus_database.configuration.sources import LONGEST_NAME, LONGEST_TYPE

Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
TypeName = Annotated[str, Meta(min_length=1, max_length=LONGEST_TYPE, description="In lowercase.")]

Frequency = Annotated[str, Meta(description="From a minute to a day: seconds, or `HH:MM:SS`.")]


class LoginBody(msgspec.Struct):
    """Who one is, and what proves it."""

    username: Annotated[str, Meta(min_length=1, max_length=logins.LONGEST_NAME)]
    password: Annotated[str, Meta(min_length=1, max_length=logins.LONGEST_PASSWORD)]


class SourceBody(msgspec.Struct):
    """A source; its user is called as it is unless told otherwise."""

    name: Name
    type: TypeName
    base_url: str | None = None
    username: Annotated[str, Meta(max_length=150)] | None = None
    heartbeat_frequency: Frequency | None = None


class SourceNameBody(msgspec.Struct):
    """Another name for a source; PUT needs it."""

    name: Name | UnsetType = UNSET


class SourceTypeBody(msgspec.Struct):
    """A type of sources."""

    name: TypeName


BODIES = (LoginBody, SourceBody, SourceNameBody, SourceTypeBody)
