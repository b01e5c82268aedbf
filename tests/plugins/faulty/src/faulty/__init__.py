"""Media that cannot be used: one takes a slug of ours, one cannot be opened, and `faulty.broken` not even imported."""

from pydantic import field_validator

from argus_media import MediumKind, MediumSettings, Plugin


class FaultySettings(MediumSettings):
    """Where; one that is empty has no first letter."""

    where: str

    @field_validator("where")
    @classmethod
    def _begins_small(cls, where: str) -> str:
        return where[0].lower() + where[1:]


EMAIL = Plugin(MediumKind("email", "Other email", FaultySettings, "where"), open="faulty.broken:open")
SHUT = Plugin(MediumKind("shut", "Shut", FaultySettings, "where"), open="faulty.broken:open")
