"""Media that cannot be used: one takes a slug of ours, one cannot be opened, and `faulty.broken` not even imported."""

from argus_media import MediumKind, MediumSettings, Plugin


class FaultySettings(MediumSettings):
    """Anything."""

    where: str


EMAIL = Plugin(MediumKind("email", "Other email", FaultySettings, "where"), open="faulty.broken:open")
SHUT = Plugin(MediumKind("shut", "Shut", FaultySettings, "where"), open="faulty.broken:open")
