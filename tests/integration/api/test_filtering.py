"""A filter means the same in the database as in memory (design 6.1)."""

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from argus_api.repositories import filtering
from argus_api.repositories import where as where_module
from argus_api.repositories.where import Where
from argus_database.configuration.sources import add_source
from argus_database.tables.incidents import AckRow, EventRow, IncidentRow, IncidentTagRow
from argus_domain.filters import fits_incident
from argus_schemas.configuration import Filter
from argus_schemas.words import EventType
from tests.builders import NOON
from tests.strategies import NOW, filters, incidents

TYPES = {1: "nav", 2: "zabbix", 3: "nav"}
any_filters = st.one_of(
    filters, st.sampled_from([Filter(), Filter(event_types=(EventType.START,)), Filter(maxlevel=5)])
)
happenings = st.sets(st.sampled_from(list(EventType)), max_size=3)


@pytest.fixture
async def sources(sessions):
    """The pks of sources by the numbers that the generated incidents and filters have."""
    async with sessions.begin() as session:
        return {number: (await add_source(session, f"s{number}", type_)).id for number, type_ in TYPES.items()}


def of_sources(filter_, sources):
    return filter_.but(sourceSystemIds=tuple(sources[each] for each in filter_.sourceSystemIds))


def told(drawn, number, sources):
    """The incident as one of the sources would have told it."""
    its = drawn.source.pk
    source = drawn.source.but(pk=sources[its], type=TYPES[its])
    return drawn.but(pk=number, key=f"k{number}", source=source)


def rows_of(incident, types):
    yield IncidentRow(
        id=incident.pk, key=incident.key, source_id=incident.source.pk, source_incident_id="", start_time=NOON,
        stateful=incident.stateful, ended_at=incident.ended_at, description="", level=incident.level, details_url="",
        ticket_url="", metadata_={}, search_text="", changed_at=NOON, received_at=NOON,
    )  # fmt: skip
    for ordinal, tag in enumerate(incident.tags):
        yield IncidentTagRow(
            incident_id=incident.pk, key=tag.key, value=tag.value, added_by=1, added_at=NOON, ordinal=ordinal
        )
    for number, ack in enumerate(incident.acks):
        yield AckRow(event_id=incident.pk * 100 + number, incident_id=incident.pk, expires_at=ack.expires_at)
    for number, type_ in enumerate(types):
        yield EventRow(
            id=incident.pk * 100 + 50 + number, incident_id=incident.pk, event_id=uuid4(), type=type_, actor_id=1,
            digest=None, occurred_at=NOON, received_at=NOON, description="",
        )  # fmt: skip


def fits(filter_, incident, types):
    return fits_incident(filter_, incident, NOW) and (not filter_.event_types or bool(types & {*filter_.event_types}))


async def found(session, where):
    return {each.pk for each in await filtering.newest(session, where)}


@pytest.mark.parametrize("joins", [0, 2, 12])
@given(st.lists(st.tuples(incidents, happenings), min_size=1, max_size=6), st.lists(any_filters, max_size=3))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_filter_finds_in_the_database_what_it_fits_in_memory(
    sessions, sources, monkeypatch, joins, drawn, blobs
):
    monkeypatch.setattr(where_module, "MOST_JOINS", joins)
    stored = {number: (told(one, number, sources), types) for number, (one, types) in enumerate(drawn, 1)}
    blobs = [of_sources(each, sources) for each in blobs]
    async with sessions() as session:
        session.add_all(row for incident, types in stored.values() for row in rows_of(incident, types))
        await session.flush()
        for filter_ in blobs:
            where = Where(NOW)
            where.fits(filter_)
            assert await found(session, where) == {pk for pk, one in stored.items() if fits(filter_, *one)}
        either = Where(NOW)
        either.fits_any(blobs)
        assert await found(session, either) == {
            pk for pk, one in stored.items() if any(fits(filter_, *one) for filter_ in blobs)
        }
        covered = Where(NOW)
        filtering.covered(covered, NOON, None, blobs)
        assert await found(session, covered) == {
            pk
            for pk, (incident, _) in stored.items()
            if blobs and incident.stateful and (incident.ended_at is None or incident.ended_at > NOW)
            and all(fits_incident(filter_, incident, NOW) for filter_ in blobs)
        }  # fmt: skip
