"""Escalation: whom to tell of an incident that nobody has looked after."""

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import ColumnElement, or_
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration.errors import EMPTY, Refused
from argus_database.configuration.limits import MOST_STEPS
from argus_database.configuration.owned import chosen
from argus_database.tables.profiles import DestinationRow, EscalationStepRow, ProfileRow
from argus_schemas.configuration import EscalationStep

FIELD = "escalation"


async def steps_for(session: AsyncSession, user: int, steps: Sequence[EscalationStep]) -> list[EscalationStepRow]:
    """Return the rows of the steps that a user wishes.

    Raises:
        Refused: there are too many, they are not in order of time, or one tells nobody.
        NoSuch: a destination is not there, or is somebody else's.
    """
    if len(steps) > MOST_STEPS:
        raise Refused(FIELD, f"Ensure this field has no more than {MOST_STEPS} elements.")
    if any(later.after_minutes <= earlier.after_minutes for earlier, later in pairwise(steps)):
        raise Refused(FIELD, "Each step has to come later than the one before.")
    if not all(step.destinations for step in steps):
        raise Refused(FIELD, EMPTY)
    return [
        EscalationStepRow(
            after_minutes=step.after_minutes,
            destinations=await chosen(
                session, DestinationRow, step.destinations, DestinationRow.user_id == user, FIELD
            ),
        )
        for step in steps
    ]


def tells(pk: int) -> ColumnElement[bool]:
    """Return what the profiles fit that tell a destination, at once or by a step of their escalation."""
    step = EscalationStepRow.destinations.any(DestinationRow.id == pk)
    return or_(ProfileRow.destinations.any(DestinationRow.id == pk), ProfileRow.escalation.any(step))
