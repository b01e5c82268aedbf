"""A medium as those who configure destinations see it."""

import re
from dataclasses import dataclass
from typing import Any, Final

from pydantic import Field, field_validator

from argus_schemas.base import Schema, storable_json

LONGEST = 20
"""Characters of a slug and of a name, as in Argus (specification 5.6)."""

SECRET: Final = Field(json_schema_extra={"writeOnly": True})
"""Marks a setting, a text, that is encrypted wherever it is kept, and never shown again."""

HIDDEN = "***"
"""Stands for a secret that is set: where it is shown, and where a change leaves it as it is."""

_SLUG = re.compile(rf"[a-z0-9][a-z0-9_-]{{0,{LONGEST - 1}}}")


class MediumSettings(Schema):
    """What a medium must know to reach one destination; what its fields do not name is dropped."""

    @field_validator("*", mode="before")
    @classmethod
    def _can_be_kept(cls, value: Any) -> Any:
        return storable_json(value)


@dataclass(frozen=True, slots=True)
class MediumKind:
    """A medium: how it is called, and what its destinations must say.

    Raises:
        ValueError: it cannot be used so; why.
    """

    slug: str
    """What API and records call it: lowercase letters, digits, `-` and `_`, at most 20 characters."""
    name: str
    """What people call it, at most 20 characters."""
    settings: type[MediumSettings]
    key: str
    """The setting that tells its destinations apart: a required text, and no secret.

    No user has two with the same, and clients show it after the medium's name.
    """

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.slug):
            raise ValueError(f"no slug of at most {LONGEST} lowercase letters, digits, - and _: {self.slug!r}")
        if not 0 < len(self.name) <= LONGEST or not self.name.isprintable():
            raise ValueError(f"a name has 1 to {LONGEST} characters that can be printed: {self.name!r}")
        field = self.settings.model_fields.get(self.key)
        if field is None or not field.is_required():
            raise ValueError(f"the key {self.key!r} is no required setting")
        secret = secret_settings(self.settings)
        if self.key in secret:
            raise ValueError(f"the key {self.key!r} is secret, and could not be compared")
        fields = self.settings.model_fields
        if odd := sorted(name for name in {self.key, *secret} if fields[name].annotation is not str):
            raise ValueError(f"the key and secret settings are texts, and these are not: {', '.join(odd)}")

    def schema(self) -> dict[str, object]:
        """Return the settings as JSON Schema, titled as Argus has it."""
        return self.settings.model_json_schema() | {"title": f"{self.name} Settings"}


def secret_settings(settings: type[MediumSettings]) -> frozenset[str]:
    """Return the names of the settings that are secret."""
    return frozenset(
        name
        for name, field in settings.model_fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("writeOnly")
    )
