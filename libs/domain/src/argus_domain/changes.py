"""What differs between an incident and what somebody wishes it to be, and the words for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from argus_schemas.base import same_json
from argus_schemas.incident import Actor, Incident, Tag, TagName
from argus_schemas.records import FIELDS_THAT_CHANGE


@dataclass(frozen=True)
class Difference:
    """One field that changes, its new value, and the text of its CHI event (specification 1.7)."""

    field: str
    value: Any
    text: str


def differences(
    incident: Incident, wishes: Mapping[str, Any], *, as_set: bool = False, anyway: bool = False
) -> list[Difference]:
    """Return what would change, in the order of `FIELDS_THAT_CHANGE`; a field that is not wished stays.

    Tags show as a list, or `as_set`. With `anyway`, what is wished counts also where it is so already.
    """
    found = []
    for field in FIELDS_THAT_CHANGE:
        if field not in wishes:
            continue
        old, new = getattr(incident, field), wishes[field]
        if _differ(field, old, new) or anyway:
            found.append(Difference(field, new, _text(field, _shown(field, old, as_set), _shown(field, new, as_set))))
    return found


def wished_tags(
    incident: Incident, wished: Sequence[TagName], actor: Actor, at: datetime, *, keep_foreign: bool
) -> tuple[Tag, ...]:
    """Return the tags that the wish leads to: who added one that stays does not change.

    With `keep_foreign`, tags that somebody else added stay although they are not wished.
    """
    names = {str(tag) for tag in wished}
    kept = [tag for tag in incident.tags if str(tag) in names or (keep_foreign and tag.added_by != actor.pk)]
    return (*kept, *added_tags(kept, wished, actor, at))


def added_tags(present: Sequence[TagName], wished: Sequence[TagName], actor: Actor, at: datetime) -> tuple[Tag, ...]:
    """Return the wished tags that are not there yet, each once, as `actor` adds them at `at`."""
    known = {str(tag) for tag in present}
    new = {str(tag): tag for tag in wished if str(tag) not in known}
    return tuple(Tag(key=tag.key, value=tag.value, added_by=actor.pk, added_at=at) for tag in new.values())


def foreign_tags(incident: Incident, wished: Sequence[TagName], actor: Actor) -> list[str]:
    """Return the tags that the wish would remove though somebody else added them."""
    names = {str(tag) for tag in wished}
    return [str(tag) for tag in incident.tags if str(tag) not in names and tag.added_by != actor.pk]


def _differ(field: str, old: Any, new: Any) -> bool:
    if field == "tags":
        return {str(tag) for tag in old} != {str(tag) for tag in new}
    return not same_json(old, new) if field == "metadata" else bool(old != new)


def _text(field: str, old: str, new: str) -> str:
    return f'Change: "{field}": {old} → {new}'


def _shown(field: str, value: Any, as_set: bool) -> str:
    if field == "tags":
        return _set([str(tag) for tag in value]) if as_set else str([str(tag) for tag in value])
    if field == "metadata":
        return f"{len(value) if isinstance(value, dict | list) else 1} item(s)"
    return str(int(value)) if field == "level" else str(value)


def _set(texts: list[str]) -> str:
    """Return the text of a set, in an order that every process gives it."""
    return f"{{{str(sorted(texts))[1:-1]}}}" if texts else "set()"
