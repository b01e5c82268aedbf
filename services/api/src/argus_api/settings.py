"""What api reads from its environment."""

from typing import ClassVar

from pydantic import Field

from argus_runtime.settings import DatabaseSettings, SecretSettings, ServiceSettings


class Settings(ServiceSettings, DatabaseSettings, SecretSettings):
    """What api reads: `ARGUS_DATABASE_URL` and so on."""

    service: ClassVar[str] = "api"

    http_host: str = "127.0.0.1"
    """The address on which the API answers."""

    http_port: int = Field(8002, ge=0, le=65535)
    """Its port; 0 takes a free one, which the log tells."""

    base_url: str = ""
    """The public address of this installation, for links: `https://argus.example.org`; empty: that of the request."""

    metrics_port: int = Field(9105, ge=0, le=65535)
    """The port of /metrics, /health/live and /health/ready; 0 takes a free one, which the log tells."""
