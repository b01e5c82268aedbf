"""The fallback filter, for services that decide, or explain, who is told."""

from typing import Annotated

import msgspec
from pydantic import PlainValidator

from argus_runtime.settings import Environment
from argus_runtime.written import Written
from argus_schemas.configuration import Filter, from_blob

FILTER = Written('JSON of a filter, such as `{"open": true, "maxlevel": 3}`')


def _filter(given: object) -> Filter:
    if isinstance(given, Filter):
        return given
    try:
        return from_blob(msgspec.json.decode(str(given), type=dict))
    except ValueError as error:
        raise ValueError(f"should be {FILTER.how}: {error}") from None


class FallbackSettings(Environment):
    """For services that need to know it."""

    fallback_filter: Annotated[Filter, PlainValidator(_filter), FILTER] = Filter()
    """Conditions that count where a profile's filter has none; the same for all services."""
