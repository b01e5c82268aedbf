"""What the matcher reads from its environment."""

from datetime import timedelta

from pydantic import Field

from argus_runtime.fallback import FallbackSettings
from argus_runtime.settings import ServiceSettings
from argus_runtime.written import Duration


class Settings(FallbackSettings, ServiceSettings):
    """`ARGUS_PREFIX` and so on."""

    metrics_port: int = Field(9103, ge=0, le=65535)
    """The port of metrics and health; 0 takes a free one, which the log tells."""

    too_old_after: Duration = timedelta(hours=24)
    """Events received longer ago than this notify nobody, and are recorded as suppressed."""

    closed_kept_for: Duration = timedelta(days=30)
    """How long a closed incident stays in the matcher's memory; open ones always do."""
