"""What the matcher asks of its rules."""

from collections.abc import Iterable
from typing import Protocol

from argus_schemas.configuration import Filter, Maintenance, Profile
from argus_schemas.incident import Event, Incident


class Index(Protocol):
    """All rules that are in force, ready to be asked about an event."""

    @property
    def fallback(self) -> Filter:
        """The conditions that count where a profile's filter has none."""

    @property
    def version(self) -> int:
        """The highest version among the documents seen."""

    @property
    def damps(self) -> bool:
        """Whether any profile has damping."""

    def put(self, key: str, rule: Profile | Maintenance | None) -> None:
        """Take on a document, or forget the one under this key."""

    def profile(self, pk: int) -> Profile | None:
        """Return the profile with this pk, if there is one."""

    def task(self, pk: int) -> Maintenance | None:
        """Return the maintenance task with this pk, if there is one, though it may be deleted or over."""

    def wanting(self, incident: Incident, event: Event) -> Iterable[Profile]:
        """Return the profiles that ask for the event, the incident being as it is after it, in order of pk."""

    def covering(self, incident: Incident, event: Event) -> Maintenance | None:
        """Return the maintenance task that covers the event, the one with the lowest pk if there are several."""
