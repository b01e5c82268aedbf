"""What services read from their environment: `ARGUS_…`, checked at the start, secrets never shown."""

import sys
from base64 import urlsafe_b64decode
from binascii import Error as BadBase64
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, ClassVar, NamedTuple, NoReturn, TypeVar
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, BeforeValidator, Field, SecretBytes, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from argus_runtime.secrets import KEY_BYTES, Secrets

HIDDEN = "***"
EXIT_CODE_OF_BAD_SETTINGS = 2
BROKER = r"\s*(\[[0-9A-Fa-f:.]+\]|[^\s:,\[\]]+)(:\d{1,5})?\s*"
Brokers = Annotated[str, Field(pattern=f"^{BROKER}(,{BROKER})*$")]
Url = Annotated[str, Field(pattern=r"^postgres(ql)?(\+\w+)?://\S+$")]


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
            yield name, _shown(value)


class KafkaSettings(Environment):
    """How to reach Kafka, and how our names begin there."""

    bootstrap_servers: Brokers = Field("localhost:9092", validation_alias=either("KAFKA_BOOTSTRAP_SERVERS"))
    """Brokers to begin with: `host:port`, several separated by commas."""

    prefix: str = Field("argus.", pattern=r"^[A-Za-z0-9._-]{0,40}$")
    """What the names of all topics, groups and transactional ids begin with."""

    session_timeout: float = Field(10.0, gt=0, validation_alias="ARGUS_KAFKA_SESSION_TIMEOUT")
    """Seconds after which a consumer that is not heard of loses its partitions."""

    heartbeat: float = Field(1.0, gt=0, validation_alias="ARGUS_KAFKA_HEARTBEAT")
    """Seconds between the signs of life of a consumer."""


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

    log_level: str = Field("INFO", pattern=r"(?i)^(debug|info|warning|error|critical)$")
    """The least important lines to log: debug, info, warning, error or critical."""

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
    """Where PostgreSQL is: `postgresql://user:password@host:port/database`."""


def _keys(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    try:
        keys = [urlsafe_b64decode(part) for part in given.split(",") if part]
    except (BadBase64, ValueError):
        raise ValueError("keys are urlsafe base64, separated by commas") from None
    if any(len(key) != KEY_BYTES for key in keys):
        raise ValueError(f"a key has {KEY_BYTES} bytes before base64")
    return keys


class SecretSettings(Environment):
    """For services that encrypt or decrypt the secrets of destinations."""

    secret_keys: Annotated[tuple[SecretBytes, ...], NoDecode, BeforeValidator(_keys)] = ()
    """Keys for secrets of destinations, separated by commas, each urlsafe base64 of 32 bytes; the first encrypts."""

    def secrets(self) -> Secrets:
        """Return what encrypts and decrypts with these keys."""
        return Secrets([key.get_secret_value() for key in self.secret_keys])


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
    return [f"{_variable_of(settings, found['loc'])}: {found['msg']}" for found in error.errors(include_input=False)]


def _unparsed(settings: type[Environment], error: SettingsError) -> str:
    """Return the line for a variable that should be JSON, which the library names in its message alone."""
    named = next((name for name in settings.model_fields if f'"{name}"' in str(error)), "settings")
    return f"{_variable_of(settings, (named,))}: is no JSON: {error.__cause__}"


class Row(NamedTuple):
    """A setting, as the documentation lists it."""

    name: str
    type: str
    default: str
    says: str


def describe(settings: type[Environment]) -> list[Row]:
    """Return all settings of a class for the documentation."""
    return [
        Row(_variables(name, field)[0], _type(field), _default(field), " ".join((field.description or "").split()))
        for name, field in settings.model_fields.items()
    ]


def _variables(name: str, field: FieldInfo) -> list[str]:
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return [str(choice) for choice in alias.choices]
    return [alias if isinstance(alias, str) else f"ARGUS_{name.upper()}"]


def _variable_of(settings: type[Environment], where: tuple[int | str, ...]) -> str:
    named = str(where[0]) if where else "settings"
    for name, field in settings.model_fields.items():
        if named.upper() in {name.upper(), *_variables(name, field)}:
            return _variables(name, field)[0]
    return named


def _type(field: FieldInfo) -> str:
    return getattr(field.annotation, "__name__", str(field.annotation)).replace("SecretStr", "secret")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    return str(_shown(field.get_default(call_default_factory=True)))


def _shown(value: Any) -> Any:
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
