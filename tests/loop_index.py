"""The slow, obvious index: a loop over all rules, which says what the fast one has to find."""

from collections.abc import Iterable

from argus_domain.maintenance import covers
from argus_domain.profiles import NO_FALLBACK, wants
from argus_schemas.configuration import Filter, Maintenance, Profile, document_key
from argus_schemas.incident import Event, Incident


class LoopIndex:
    """Asks each rule about each event."""

    def __init__(self, fallback: Filter | None = None) -> None:
        self.fallback = NO_FALLBACK if fallback in (None, NO_FALLBACK) else fallback
        self.version = 0
        self._profiles: dict[str, Profile] = {}
        self._tasks: dict[str, Maintenance] = {}

    def put(self, key: str, rule: Profile | Maintenance | None) -> None:
        """Take on a document, or forget the one under this key."""
        self._profiles.pop(key, None)
        self._tasks.pop(key, None)
        if isinstance(rule, Profile):
            self._profiles[key] = rule
        elif rule is not None:
            self._tasks[key] = rule
        self.version = max(self.version, rule.version if rule else 0)

    def profile(self, pk: int) -> Profile | None:
        """Return the profile with this pk, if there is one."""
        return self._profiles.get(document_key("profile", pk))

    @property
    def damps(self) -> bool:
        """Whether any profile has damping."""
        return any(profile.damping is not None for profile in self._profiles.values())

    def task(self, pk: int) -> Maintenance | None:
        """Return the maintenance task with this pk, if there is one, though it may be deleted or over."""
        return self._tasks.get(document_key("maintenance", pk))

    def wanting(self, incident: Incident, event: Event) -> Iterable[Profile]:
        """Return the profiles that ask for the event, the incident being as it is after it, in order of pk."""
        found = [each for each in self._profiles.values() if wants(each, incident, event, self.fallback)]
        return sorted(found, key=lambda profile: profile.pk)

    def covering(self, incident: Incident, event: Event) -> Maintenance | None:
        """Return a maintenance task that covers the event, if there is one."""
        covering = [task for task in self._tasks.values() if covers(task, incident, event)]
        return min(covering, key=lambda task: task.pk, default=None)
