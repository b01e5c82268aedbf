"""What ingest reads from its environment."""

from typing import ClassVar

from pydantic import Field

from argus_runtime.settings import DatabaseSettings, ServiceSettings
from argus_tickets.settings import TicketSettings


class Settings(TicketSettings, ServiceSettings, DatabaseSettings):
    """Settings of ingest: `ARGUS_HTTP_PORT` and so on."""

    service: ClassVar[str] = "ingest"

    metrics_port: int = Field(9101, ge=0, le=65535)
    """The port of /metrics, /health/live and /health/ready; 0 takes a free one, which the log tells."""

    http_host: str = "127.0.0.1"
    """The address on which requests are answered."""

    http_port: int = Field(8001, ge=0, le=65535)
    """Its port; 0 takes a free one, which the log tells."""

    answer_within: float = Field(2.0, ge=0, le=60)
    """Seconds to wait for the store before a request is answered from its own record."""

    rate_limit: float = Field(0, ge=0, le=1_000_000, allow_inf_nan=False)
    """Writes a second that a source may send to one ingest over HTTP, each report and each incident of a bulk request
    for one; 0 is without limit. Reports over Kafka are not limited: each source has its fair share of the inbox."""

    rate_burst: float = Field(0, ge=0, le=100_000_000, allow_inf_nan=False)
    """Writes that a source may send at once after a pause; 0 is what the rate gives in ten seconds."""

    strict_sources: bool = False
    """Whether a source may post events to its own incidents only."""

    indelible_incidents: bool = True
    """Whether incidents stay for ever; else their own source and superusers may delete them."""

    base_url: str = ""
    """The public address of this installation, for links in tickets; empty: that of the request."""
