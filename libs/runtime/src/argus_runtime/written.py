"""How one writes the values of settings, for the types whose name does not say it."""

import re
from base64 import urlsafe_b64decode
from binascii import Error as BadBase64
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, SecretBytes
from pydantic.fields import FieldInfo
from pydantic_settings import NoDecode

from argus_runtime.secrets import KEY_BYTES

BROKER = r"\s*(\[[0-9A-Fa-f:.]+\]|[^\s:,\[\]]+)(:\d{1,5})?\s*"
LONGEST = timedelta(days=36_500)
"""A hundred years; what is far longer cannot be subtracted from the present."""

UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([dhms])")
_PARTS = re.compile(rf"(?:{_PART.pattern}\s*)+")
_SECONDS = re.compile(r"\d+(?:\.\d+)?")


class Written(NamedTuple):
    """Stands in the annotation of a setting and says how one writes it: "brokers, separated by commas"."""

    how: str


def written(field: FieldInfo) -> str | None:
    """Return how one writes a setting, where its annotation says so."""
    return next((said.how for said in field.metadata if isinstance(said, Written)), None)


Brokers = Annotated[
    str, Field(pattern=f"^{BROKER}(,{BROKER})*$"), Written("brokers as `host:port`, separated by commas")
]
Url = Annotated[
    str, Field(pattern=r"^postgres(ql)?(\+\w+)?://\S+$"), Written("`postgresql://user:password@host:port/database`")
]
Prefix = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9._-]{0,40}$"), Written("letters, digits, `.`, `_` and `-`, at most 40")
]


def _networks(given: str) -> str:
    for part in given.split(","):
        try:
            ip_network(part.strip())
        except ValueError:
            raise ValueError(f"should be {NETWORKS.how}") from None
    return given


NETWORKS = Written("addresses or networks such as `10.0.0.0/8`, separated by commas")
Networks = Annotated[str, AfterValidator(_networks), NETWORKS]

LogLevel = Annotated[
    Literal["debug", "info", "warning", "error", "critical"],
    BeforeValidator(lambda given: given.lower() if isinstance(given, str) else given),
]


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


Keys = Annotated[
    tuple[SecretBytes, ...],
    NoDecode,
    BeforeValidator(_keys),
    Written(f"keys, separated by commas, each urlsafe base64 of {KEY_BYTES} bytes"),
]


def _names(given: Any) -> Any:
    return tuple(part.strip() for part in given.split(",") if part.strip()) if isinstance(given, str) else given


Media = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_names), Written("slugs, such as `email,webhook`, separated by commas")
]


def _duration(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    text = given.strip().lower()
    parts = [(text, "s")] if _SECONDS.fullmatch(text) else _PART.findall(text)
    if not (_SECONDS.fullmatch(text) or _PARTS.fullmatch(text)):
        raise ValueError(f"should be {DURATION.how}")
    try:
        return sum((timedelta(**{UNITS[unit]: float(number)}) for number, unit in parts), timedelta())
    except OverflowError:
        return timedelta.max


DURATION = Written("a duration: `36h`, `1d 12h`, `90m`, `45s`, or seconds alone")
Duration = Annotated[timedelta, BeforeValidator(_duration), Field(gt=timedelta(), le=LONGEST), DURATION]


def duration_text(given: timedelta) -> str:
    """Return a duration as one writes it, in the largest unit that makes a whole number of it."""
    for unit, name in UNITS.items():
        if given % timedelta(**{name: 1}) == timedelta():
            return f"{given // timedelta(**{name: 1})}{unit}"
    return f"{given.total_seconds()}s"
