"""What services read from their environment: `ARGUS_…`, checked at the start, secrets never shown."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, NoReturn, TypeVar
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AliasChoices,
    Field,
    SecretBytes,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from argus_runtime.secrets import Secrets
from argus_runtime.written import Brokers, Keys, LogLevel, Media, Prefix, Url, written

HIDDEN = "***"
EXIT_CODE_OF_BAD_SETTINGS = 2
HEARTBEATS_IN_A_SESSION = 3
"""At least, says Kafka: a member that only lost one or two is not given up."""


def either(variable: str) -> AliasChoices:
    """Return the names of a setting that is also read without the prefix `ARGUS_`."""
    return AliasChoices(f"ARGUS_{variable}", variable)


class Environment(BaseSettings):
    """Settings whose text form never shows a secret."""

    model_config = SettingsConfigDict(
        env_prefix="ARGUS_", frozen=True, extra="ignore", populate_by_name=True, use_attribute_docstrings=True,
        env_ignore_empty=True,
    )  # fmt: skip

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            yield name, shown(value)


class KafkaSettings(Environment):
    """How to reach Kafka, and how our names begin there."""

    bootstrap_servers: Brokers = Field("localhost:9092", validation_alias=either("KAFKA_BOOTSTRAP_SERVERS"))
    """Brokers to begin with."""

    prefix: Prefix = "argus."
    """What the names of all topics, groups and transactional ids begin with."""

    session_timeout: float = Field(10.0, gt=0, validation_alias="ARGUS_KAFKA_SESSION_TIMEOUT")
    """Seconds after which a consumer that is not heard of loses its partitions."""

    heartbeat: float = Field(1.0, gt=0, validation_alias="ARGUS_KAFKA_HEARTBEAT", validate_default=True)
    """Seconds between the signs of life of a consumer; at most a third of `ARGUS_KAFKA_SESSION_TIMEOUT`."""

    @field_validator("heartbeat")
    @classmethod
    def _often_enough(cls, seconds: float, info: ValidationInfo) -> float:
        longest = info.data.get("session_timeout", seconds * HEARTBEATS_IN_A_SESSION) / HEARTBEATS_IN_A_SESSION
        if seconds > longest:
            raise ValueError(f"should be at most a third of ARGUS_KAFKA_SESSION_TIMEOUT, here {longest:g}")
        return seconds


class ServiceSettings(KafkaSettings):
    """What every service reads."""

    service: ClassVar[str] = "argus"
    """The one word that names the service in its logs."""

    time_zone: str = "UTC"
    """The IANA time zone of timeslots that name none."""

    metrics_host: str = "127.0.0.1"
    """The address on which /metrics, /health/live and /health/ready answer."""

    metrics_port: int = Field(9100, ge=0, le=65535)
    """Their port; 0 takes a free one, which the log tells."""

    log_level: LogLevel = "info"
    """The least important lines to log."""

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"there is no time zone {name!r}") from None
        return name


class DatabaseSettings(Environment):
    """For services that need PostgreSQL."""

    database_url: Url = Field("postgresql://argus:argus@localhost/argus", validation_alias=either("DATABASE_URL"))
    """Where PostgreSQL is."""


class SecretSettings(Environment):
    """For services that encrypt or decrypt the secrets of destinations."""

    secret_keys: Keys = ()
    """Keys for secrets of destinations; the first encrypts, all decrypt."""

    def secrets(self) -> Secrets:
        """Return what encrypts and decrypts with these keys."""
        return Secrets([key.get_secret_value() for key in self.secret_keys])


class MediaSettings(Environment):
    """For services that know the media."""

    media: Media = ()
    """The installed media that may be used; empty: all."""


S = TypeVar("S", bound=Environment)


def load(settings: type[S]) -> S:
    """Return the settings from the environment, or end the process with a line for each bad variable."""
    try:
        return settings()
    except ValidationError as error:
        _refuse(problems(settings, error))
    except SettingsError as error:
        _refuse([_unparsed(settings, error)])


def problems(settings: type[Environment], error: ValidationError) -> list[str]:
    """Return a line for each bad variable: its name and what is wrong, never its value."""
    return [
        f"{_variable_of(settings, found['loc'])}: {_wrong(settings, found)}"
        for found in error.errors(include_input=False)
    ]


def _wrong(settings: type[Environment], found: ErrorDetails) -> str:
    field = _fields(settings).get(_named(found["loc"]).upper())
    if found["type"] == "string_pattern_mismatch" and field is not None and (how := written(field)):
        return f"should be {how}"
    return found["msg"].removeprefix("Value error, ")


def _unparsed(settings: type[Environment], error: SettingsError) -> str:
    """Return the line for a variable that should be JSON, which the library names in its message alone."""
    named = next((name for name in settings.model_fields if f'"{name}"' in str(error)), "settings")
    return f"{_variable_of(settings, (named,))}: is no JSON: {error.__cause__}"


def variables(name: str, field: FieldInfo) -> list[str]:
    """Return the environment variables of a setting, the one that wins first."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return [str(choice) for choice in alias.choices]
    return [alias if isinstance(alias, str) else f"ARGUS_{name.upper()}"]


def _variable_of(settings: type[Environment], where: tuple[int | str, ...]) -> str:
    named = _named(where)
    field = _fields(settings).get(named.upper())
    return named if field is None else variables(named, field)[0]


def _named(where: tuple[int | str, ...]) -> str:
    return str(where[0]) if where else "settings"


def _fields(settings: type[Environment]) -> dict[str, FieldInfo]:
    """Return the settings by all of their names, in capitals."""
    fields = settings.model_fields.items()
    return {known.upper(): field for name, field in fields for known in (name, *variables(name, field))}


def shown(value: Any) -> Any:
    """Return a value, or stars where it is secret."""
    if isinstance(value, SecretStr | SecretBytes):
        return HIDDEN
    if isinstance(value, tuple) and any(isinstance(item, SecretBytes) for item in value):
        return HIDDEN
    return _without_password(value) if isinstance(value, str) else value


def _without_password(text: str) -> str:
    parts = urlsplit(text) if "://" in text else None
    if parts is None or not parts.password:
        return text
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", f":{HIDDEN}@")))


def _refuse(lines: Iterable[str]) -> NoReturn:
    for line in lines:
        sys.stderr.write(f"{line}\n")
    raise SystemExit(EXIT_CODE_OF_BAD_SETTINGS)
