"""What dispatch reads from its environment."""

from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from argus_runtime.settings import SecretSettings, ServiceSettings
from argus_runtime.written import Written
from argus_schemas.media import ADDRESS

Network = IPv4Network | IPv6Network
Web = Annotated[str, Field(pattern=r"^https?://[^\s]+$"), Written("an address with `http://` or `https://`")]
NETWORKS = Written("networks as `10.1.0.0/16`, separated by commas")

LONGEST_WAIT_HOURS = 144.0
"""The topics keep what waits for seven days; this leaves one to spare."""


def _networks(given: Any) -> Any:
    return [ip_network(part.strip()) for part in given.split(",") if part.strip()] if isinstance(given, str) else given


def _sender(text: str) -> str:
    if not text.isascii() or not text.isprintable() or not ADDRESS.fullmatch(parseaddr(text)[1]):
        raise ValueError("must be a mail address, or a name and a mail address in angle brackets")
    return text


class Settings(ServiceSettings, SecretSettings):
    """What dispatch reads from its environment: `ARGUS_SMTP_HOST` and so on."""

    service: ClassVar[str] = "dispatch"

    metrics_port: int = Field(9104, ge=0, le=65535)
    """The port of /metrics and /health; 0 takes a free one, which the log tells."""

    send_notifications: bool = True
    """Whether anybody is told; if not, notifications are recorded as suppressed."""

    base_url: Web = "http://localhost:8000"
    """The public address of this installation, for links in messages."""

    smtp_host: str = "localhost"
    """The mail server that takes our mails."""

    smtp_port: int = Field(25, ge=1, le=65535)
    """Its port."""

    smtp_username: str = ""
    """The name to log in with; empty: no login."""

    smtp_password: SecretStr = SecretStr("")
    """Its password."""

    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    """How the connection is encrypted: not at all, after STARTTLS, or from the start."""

    mail_from: Annotated[str, AfterValidator(_sender), Written("`address`, or `name <address>`")] = "argus@localhost"
    """The sender of our mails."""

    subject_prefix: str = "[Argus] "
    """What subjects begin with."""

    webhook_allow: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks), NETWORKS] = ()
    """Networks that webhooks may reach though they are not public."""

    attempt_timeout: float = Field(30.0, gt=0)
    """Seconds after which an attempt counts as failed."""

    at_once_per_destination: int = Field(10, ge=1)
    """Attempts at the same time for one destination."""

    smtp_connections: int = Field(20, ge=1)
    """Mails handed over at the same time, each on a connection of its own."""

    webhook_connections: int = Field(100, ge=1)
    """Webhooks posted at the same time."""

    give_up_after_hours: float = Field(24.0, gt=0, le=LONGEST_WAIT_HOURS)
    """Hours for which a notification is tried again."""

    too_old_after_hours: float = Field(24.0, gt=0, le=LONGEST_WAIT_HOURS)
    """Events that were received more hours ago are not told any more, unless on purpose (a replay)."""

    retry_scale: float = Field(1.0, gt=0)
    """What the delays between attempts (2 s, 10 s, 30 s, …) are multiplied with; for tests."""

    waiting_megabytes: float = Field(64.0, gt=0)
    """How much may wait in memory for one partition before its topic is read no further."""

    stop_timeout: float = Field(4.0, gt=0)
    """Seconds that attempts get to end when the process stops or a partition goes to somebody else."""
