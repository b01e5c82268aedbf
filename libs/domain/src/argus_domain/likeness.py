"""Whether a document says what another one says, whatever their versions are."""

import json
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from argus_schemas.codec import Written
from argus_schemas.configuration import SourceDocument

Likeness = bytes
"""What a document says, in so few bytes that there is room for those of all documents."""


class Held(NamedTuple):
    """What a topic has of a document, whose readers ignore versions not above the one that they hold."""

    version: int
    """The highest."""
    likeness: Likeness | None
    """Of the first record with that version; None: it cannot be read."""
    latest: tuple[int, Likeness | None]
    """Version and likeness of the last record, the one that compaction leaves."""
    disputed: bool = False
    """Whether records with that version say different things."""

    @property
    def certain(self) -> bool:
        """Whether all readers hold the same, whenever they read the topic."""
        return not self.disputed and self.latest == (self.version, self.likeness)


def likeness(document: Written, at: datetime) -> Likeness:
    """Return what a document says from `at` on; a token that has expired by then says nothing."""
    said: Any = document
    if isinstance(said, SourceDocument):
        said = said.but(tokens=tuple(one for one in said.tokens if one.expires_at is None or one.expires_at > at))
    # Sorted, since PostgreSQL gives the keys of settings in an order of its own.
    text = json.dumps(json.loads(said.but(version=0).to_bytes()), sort_keys=True)
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()


def after(held: Held | None, version: int, likeness: Likeness | None) -> Held:
    """Return what a topic has of a document after one more record; the relay may repeat what it has published."""
    latest = version, likeness
    if held is None or version > held.version:
        return Held(version, likeness, latest)
    disputed = held.disputed or (version == held.version and likeness != held.likeness)
    return Held(held.version, held.likeness, latest, disputed)
