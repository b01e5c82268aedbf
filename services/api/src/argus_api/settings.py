"""What api reads from its environment."""

from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from argus_runtime.fallback import FallbackSettings
from argus_runtime.settings import DatabaseSettings, MediaSettings, SecretSettings, ServiceSettings
from argus_runtime.written import Duration, Networks
from argus_tickets.settings import TicketPluginSetting

COUNT_WITHIN = timedelta(seconds=0.25)


class Settings(TicketPluginSetting, FallbackSettings, MediaSettings, ServiceSettings, DatabaseSettings, SecretSettings):
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

    token_lifetime: Duration = timedelta(days=14)
    """How long a token of `token-auth` or `refresh-token` counts; those that administrators make count for ever."""

    count_within: Duration = COUNT_WITHIN
    """How long PostgreSQL may count incidents before their number is estimated, as `estimated` in the answer says."""

    watch_interval: Duration = timedelta(seconds=15)
    """How often one api process looks for sources that fall silent and for tokens of sources that expire soon."""

    compare_interval: Duration = timedelta(hours=1)
    """How often the api process that publishes configuration compares the topics with the tables, and repairs them."""

    token_notice: Duration = timedelta(days=7)
    """How long before a token of a source expires an incident tells of it."""

    trusted_proxies: Networks = "127.0.0.1,::1"
    """Whose word counts for the address of a caller (`X-Forwarded-For`), for which failed logins are counted; without
    the proxy's address here, all callers behind it count as one."""
