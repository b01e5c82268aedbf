"""What a user wants to be told of, when and where."""

from functools import partial
from typing import Any

from msgspec import UNSET, UnsetType

from argus_api.wishes.values import flag, nested, number_of, pk, pks
from argus_database.configuration.limits import MOST_STEPS
from argus_database.configuration.owned import LONGEST_NAME
from argus_database.configuration.wishes import Wish
from argus_http.fields import REQUIRED, Fields, Wrong, text
from argus_http.lists import items
from argus_schemas.configuration import Damping, EscalationStep


def profile_wish(fields: Fields, *, whole: bool, v3: bool = False, unfiltered: bool = False) -> Wish:
    """Return what a body says of a profile: with `timeslot`, as in v2, with `timeslots`, or with both.

    Damping and escalation are `v3`'s alone. One that is `unfiltered` may name no filters.

    Raises:
        ApiError: 400 with the errors of all fields.
    """
    if whole and "timeslot" not in fields and "timeslots" not in fields:
        fields.errors["timeslot"] = [REQUIRED]
    some_pks = partial(pks, some=True)
    wish = Wish(
        name=fields.read("name", lambda value: text(value, LONGEST_NAME), None, null=True),
        unnamed="name" in fields and fields.raw("name") is None,
        timeslot=fields.read("timeslot", pk, None),
        timeslots=fields.read("timeslots", some_pks, None),
        filters=fields.read("filters", some_pks, None, required=whole and not unfiltered),
        destinations=fields.read("destinations", pks, None),
        active=flag(fields, "active"),
        damping=_damping(fields) if v3 else UNSET,
        escalation=fields.read("escalation", _steps, None) if v3 else None,
    )
    fields.check()
    return wish


def damping(value: Any) -> Damping:
    """Return when an incident flaps.

    Raises:
        Wrong: what is wrong with which of its numbers.
    """
    fields = nested(value)
    found = Damping(
        changes=fields.read("changes", number_of(Damping, "changes"), 1, required=True),
        minutes=fields.read("minutes", number_of(Damping, "minutes"), 1, required=True),
        summary_minutes=fields.read("summary_minutes", number_of(Damping, "summary_minutes"), 60),
    )
    if fields.errors:
        raise Wrong(fields.errors)
    return found


def step(value: Any) -> EscalationStep:
    """Return a step of an escalation.

    Raises:
        Wrong: what is wrong with its time or its destinations.
    """
    fields = nested(value)
    found = EscalationStep(
        after_minutes=fields.read("after_minutes", number_of(EscalationStep, "after_minutes"), 1, required=True),
        destinations=tuple(fields.read("destinations", partial(pks, some=True), (), required=True)),
    )
    if fields.errors:
        raise Wrong(fields.errors)
    return found


def _damping(fields: Fields) -> Damping | UnsetType | None:
    if "damping" not in fields:
        return UNSET
    return fields.read("damping", damping, None, null=True)


def _steps(value: Any) -> list[EscalationStep]:
    return items(value, step, MOST_STEPS, of_objects=True)
