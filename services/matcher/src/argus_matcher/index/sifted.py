"""The index: all rules in two sieves, one of the profiles that want an event, one of the maintenance that covers it."""

from argus_domain.filters import with_fallback
from argus_domain.maintenance import is_under_way
from argus_domain.profiles import NO_FALLBACK, is_awake
from argus_matcher.index.conditions import Asked, Given, asked, given
from argus_matcher.index.sieve import Sieve
from argus_schemas.configuration import Filter, Maintenance, Profile, document_key
from argus_schemas.incident import Event, Incident


class SiftedIndex:
    """Answers for very many rules; a change costs time in proportion to the rule that changes."""

    def __init__(self, fallback: Filter | None = None) -> None:
        self.fallback = NO_FALLBACK if fallback in (None, NO_FALLBACK) else fallback
        self.version = 0
        self._profiles: dict[str, Profile] = {}
        self._planned: dict[str, Maintenance] = {}
        self._damping: set[str] = set()
        self._wishes = Sieve(self._wanted)
        self._tasks = Sieve(_covered)
        self._latest: tuple[Incident, Event, Given] | None = None

    def put(self, key: str, rule: Profile | Maintenance | None) -> None:
        """Take on a document, or forget the one under this key."""
        self._profiles.pop(key, None)
        self._planned.pop(key, None)
        self._damping.discard(key)
        self._wishes.drop(key)
        self._tasks.drop(key)
        if isinstance(rule, Profile):
            self._profiles[key] = rule
            self._wishes.put(key, rule)
            if rule.damping is not None:
                self._damping.add(key)
        elif rule is not None:
            self._planned[key] = rule
            self._tasks.put(key, rule)
        self.version = max(self.version, rule.version if rule else 0)

    @property
    def damps(self) -> bool:
        """Whether any profile has damping."""
        return bool(self._damping)

    def _wanted(self, profile: Profile) -> Asked | None:
        if not (profile.active and profile.owner_active):
            return None
        return asked([with_fallback(named.filter, self.fallback) for named in profile.filters])

    def profile(self, pk: int) -> Profile | None:
        """Return the profile with this pk, if there is one."""
        return self._profiles.get(document_key("profile", pk))

    def task(self, pk: int) -> Maintenance | None:
        """Return the maintenance task with this pk, if there is one, though it may be deleted or over."""
        return self._planned.get(document_key("maintenance", pk))

    def wanting(self, incident: Incident, event: Event) -> list[Profile]:
        """Return the profiles that ask for the event, the incident being as it is after it, in order of pk."""
        found = self._wishes.fitting(self._given(incident, event))
        return sorted((each for each in found if is_awake(each, event.occurred_at)), key=lambda profile: profile.pk)

    def covering(self, incident: Incident, event: Event) -> Maintenance | None:
        """Return the maintenance task that covers the event, the one with the lowest pk if there are several."""
        if not self._tasks:
            return None
        found = self._tasks.fitting(self._given(incident, event))
        covering = [task for task in found if is_under_way(task, event.occurred_at)]
        return min(covering, key=lambda task: task.pk, default=None)

    def _given(self, incident: Incident, event: Event) -> Given:
        """Return what rules may ask; who is asked of an event that somebody wants is also asked what covers it."""
        latest = self._latest
        if latest is None or latest[0] is not incident or latest[1] is not event:
            latest = self._latest = (incident, event, given(incident, event))
        return latest[2]


def _covered(task: Maintenance) -> Asked | None:
    return None if task.deleted else asked([named.filter for named in task.filters], about_events=False)
