"""What dispatch reads from its environment."""

from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from argus_media.values import ADDRESS
from argus_runtime.settings import MediaSettings, SecretSettings, ServiceSettings
from argus_runtime.written import Written

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


class Settings(MediaSettings, ServiceSettings, SecretSettings):
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

    installation: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,60}$")
    """What tells this installation from others that report to the same PagerDuty or Alertmanager; empty: the host of
    the public address."""

    pagerduty_url: Web = "https://events.pagerduty.com/v2/enqueue"
    """Where PagerDuty takes events."""

    sms_gateway_address: str = ""
    """The mail address of the gateway that sends mails on as SMS; empty: there is none."""

    sms_gateway_url: Annotated[str, Field(pattern=r"^(https?://[^\s]+)?$"), Written("an address with `https://`")] = ""
    """The web address of the gateway that takes SMS, used rather than the one for mails; empty: there is none."""

    sms_gateway_fields: Annotated[
        dict[str, Any], Written("a JSON object with `{number}` and `{text}` in its texts")
    ] = Field({"to": "{number}", "text": "{text}"})
    """What is posted to the gateway."""

    sms_gateway_form: bool = False
    """Whether it is posted as a form; else as JSON."""

    sms_gateway_token: SecretStr = SecretStr("")
    """The bearer token that the gateway asks for."""

    apprise_connections: int = Field(10, ge=1)
    """Notifications handed to Apprise at the same time, each in a thread of its own."""

    kafka_connections: int = Field(20, ge=1)
    """Records sent to Kafka topics of destinations at the same time."""

    @property
    def installation_name(self) -> str:
        """What tells this installation from others."""
        return self.installation or urlsplit(self.base_url).hostname or "argus"
