"""Rows as the documents that the compacted topics carry; their versions are given by the outbox."""

import msgspec

from argus_database.tables.accounts import SourceRow, TokenRow
from argus_database.tables.maintenance import MaintenanceRow
from argus_database.tables.profiles import (
    DateListRow,
    DestinationRow,
    EscalationStepRow,
    FilterRow,
    ProfileRow,
    TimeslotRow,
)
from argus_schemas.configuration import (
    Damping,
    Destination,
    EscalationStep,
    Maintenance,
    NamedFilter,
    Profile,
    SourceDocument,
    TokenDigest,
    from_blob,
)
from argus_schemas.incident import Source
from argus_schemas.schedules import DateList, Recurrence, Repeats, Timeslot

UNNUMBERED = 0


def named_filter(row: FilterRow) -> NamedFilter:
    """Return a filter as rules embed it."""
    return NamedFilter(pk=row.id, name=row.name, filter=from_blob(row.filter))


def timeslot(row: TimeslotRow) -> Timeslot:
    """Return a timeslot as profiles embed it; recurrences without a day never match and are left out."""
    recurrences = (Recurrence(days=tuple(each.days), start=each.start, end=each.end) for each in row.recurrences)
    return Timeslot(
        pk=row.id,
        name=row.name,
        zone=row.zone,
        recurrences=tuple(each for each in recurrences if each.days),
        exceptions=tuple(map(date_list, row.exceptions)),
    )


def date_list(row: DateListRow) -> DateList:
    """Return a list of dates as timeslots embed it."""
    return DateList(pk=row.id, name=row.name, dates=tuple(row.dates))


def damping(row: ProfileRow) -> Damping | None:
    """Return when an incident flaps for a profile."""
    return None if row.damping is None else msgspec.convert(row.damping, Damping)


def escalation_step(row: EscalationStepRow) -> EscalationStep:
    """Return a step of a profile's escalation."""
    return EscalationStep(after_minutes=row.after_minutes, destinations=tuple(each.id for each in row.destinations))


def profile(row: ProfileRow) -> Profile:
    """Return a profile with all that it embeds."""
    return Profile(
        pk=row.id,
        version=UNNUMBERED,
        name=row.name,
        owner=row.user_id,
        owner_active=row.user.is_active,
        active=row.active,
        filters=tuple(map(named_filter, row.filters)),
        timeslots=tuple(map(timeslot, row.timeslots)),
        destinations=tuple(each.id for each in row.destinations),
        damping=damping(row),
        escalation=tuple(map(escalation_step, row.escalation)),
        quiet_until=row.user.quiet_until,
    )


def repeats(row: MaintenanceRow) -> Repeats | None:
    """Return how a maintenance task comes again."""
    return None if row.repeats is None else msgspec.convert(row.repeats, Repeats)


def maintenance(row: MaintenanceRow) -> Maintenance:
    """Return a maintenance task with its filters."""
    return Maintenance(
        pk=row.id,
        version=UNNUMBERED,
        description=row.description,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        filters=tuple(map(named_filter, row.filters)),
        deleted=row.deleted,
        repeats=repeats(row),
        tell_after=row.tell_after,
    )


def destination(row: DestinationRow) -> Destination:
    """Return a destination, its secrets encrypted as they are in the row."""
    return Destination(
        pk=row.id,
        version=UNNUMBERED,
        owner=row.user_id,
        owner_active=row.user.is_active,
        medium=row.media,
        label=row.label,
        settings=row.settings,
    )


def source(row: SourceRow) -> SourceDocument:
    """Return a source with its user and the digests of its tokens."""
    return SourceDocument(
        source=Source(
            pk=row.id,
            name=row.name,
            type=row.type,
            user=row.user_id,
            username=row.user.username,
            base_url=row.base_url,
        ),
        version=UNNUMBERED,
        slug=row.slug,
        active=row.user.is_active,
        is_superuser=row.user.is_superuser,
        tokens=tuple(map(_token, row.tokens)),
    )


def _token(row: TokenRow) -> TokenDigest:
    return TokenDigest(digest=row.digest, expires_at=row.expires_at)
