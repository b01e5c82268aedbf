"""What the matcher reads from its environment."""

from datetime import timedelta
from typing import Annotated

import msgspec
from pydantic import Field, PlainValidator

from argus_runtime.settings import ServiceSettings
from argus_runtime.written import Duration, Written
from argus_schemas.configuration import Filter, from_blob

FILTER = Written('JSON of a filter, such as `{"open": true, "maxlevel": 3}`')


def _filter(given: object) -> Filter:
    if isinstance(given, Filter):
        return given
    try:
        return from_blob(msgspec.json.decode(str(given), type=dict))
    except ValueError as error:
        raise ValueError(f"should be {FILTER.how}: {error}") from None


class Settings(ServiceSettings):
    """`ARGUS_PREFIX` and so on."""

    metrics_port: int = Field(9103, ge=0, le=65535)
    """The port of metrics and health; 0 takes a free one, which the log tells."""

    too_old_after: Duration = timedelta(hours=24)
    """Events received longer ago than this notify nobody, and are recorded as suppressed."""

    closed_kept_for: Duration = timedelta(days=30)
    """How long a closed incident stays in the matcher's memory; open ones always do."""

    fallback_filter: Annotated[Filter, PlainValidator(_filter), FILTER] = Filter()
    """Conditions that count where a profile's filter has none."""
