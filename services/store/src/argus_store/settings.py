"""What store reads from its environment."""

from typing import ClassVar

from pydantic import Field

from argus_runtime.settings import DatabaseSettings, ServiceSettings


class Settings(ServiceSettings, DatabaseSettings):
    """What store reads: `ARGUS_DATABASE_URL` and so on."""

    service: ClassVar[str] = "store"

    metrics_port: int = Field(9102, ge=0, le=65535)
    """The port of /metrics, /health/live and /health/ready; 0 takes a free one, which the log tells."""

    batch: int = Field(2000, ge=1, le=20_000, validation_alias="ARGUS_STORE_BATCH")
    """Records that one transaction takes at most; a lone record never waits for others."""
