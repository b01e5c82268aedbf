"""An incident and a filter give the same answer in lists, previews, explanations, maintenance and notifications.

Generated records go through the store into rows, and through the matcher's decisions; generated filters stand in
PostgreSQL as filters, profiles and planned maintenance, and in the matcher's index as the documents of these rows.
"""

import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from argus_database.configuration import documents
from argus_database.configuration.kinds import MAINTENANCE, PROFILE
from argus_database.configuration.sources import add_source
from argus_database.tables.incidents import AckRow, AliasRow, EventRow, IncidentRow, IncidentTagRow, OutcomeRow
from argus_database.tables.maintenance import MaintenanceRow
from argus_database.tables.profiles import FilterRow, ProfileRow, TimeslotRow
from argus_domain.filters import EMPTY, fits_event, fits_incident, with_fallback
from argus_domain.fold import fold
from argus_domain.maintenance import covers
from argus_domain.outcome import State
from argus_domain.states import is_open
from argus_matcher.decisions import decide
from argus_matcher.index import SiftedIndex
from argus_runtime.kafka import Partition, Record
from argus_schemas.configuration import Filter, document_key
from argus_schemas.incident import Event
from argus_schemas.memory import MatcherState
from argus_schemas.topics import INCIDENT_EVENTS
from argus_schemas.words import EventType, Level
from argus_store import repository
from argus_store.entries import read
from argus_store.handler import Handler
from argus_store.holds import Hold
from argus_store.link import Link
from tests.builders import NAV, a_change, a_create, a_draft, a_happening, an_ack, tags
from tests.integration.api.instance import an_api, client
from tests.integration.store.pipeline import NO_LETTERS
from tests.strategies import TAGS, filters

V2, V3 = "/api/v2/", "/api/v3/"
PROFILES = "notificationprofiles/"
TYPES = {1: "nav", 2: "zabbix", 3: "nav"}
INCIDENTS, FILTERS = 10, 10
HOUR = timedelta(hours=1)
PARTITION = Partition("incident-events", 0)
OF_INCIDENTS = (IncidentRow, IncidentTagRow, EventRow, AckRow, OutcomeRow, AliasRow)
PKS = count(1000, 100)
KEYS = st.sampled_from([None, -HOUR, HOUR])

some_tags = st.sets(st.sampled_from(TAGS)).map(lambda texts: tags(*sorted(texts)))
drafts = st.fixed_dictionaries(
    {
        "source": st.integers(1, 3), "tags": some_tags, "level": st.sampled_from(list(Level)), "ended": KEYS,
        "stateful": st.sampled_from([True, True, False]),
    }
)  # fmt: skip
happenings = st.sampled_from([EventType.END, EventType.CLOSE, EventType.REOPEN, EventType.RESTART, EventType.OTHER])
steps = st.one_of(
    st.tuples(st.just("ack"), KEYS), st.tuples(st.just("event"), happenings),
    st.tuples(st.just("level"), st.sampled_from(list(Level))), st.tuples(st.just("tags"), some_tags),
)  # fmt: skip
histories = st.tuples(drafts, st.lists(steps, max_size=3))
few = st.builds(Filter, maxlevel=st.sampled_from([None, 3, 5]), open=st.sampled_from([None, True]), acked=st.just(None))
some_filters = st.one_of(filters, few, few)
worlds = st.tuples(
    st.lists(histories, min_size=INCIDENTS, max_size=INCIDENTS),
    st.lists(some_filters, min_size=FILTERS, max_size=FILTERS),
    st.sampled_from([EMPTY, EMPTY, Filter(acked=False), Filter(event_types=(EventType.START,), maxlevel=3)]),
)


class Told:
    """An incident: its records, what the fold made of them, and its last event."""

    def __init__(self, history, sources, now):
        draft, steps = history
        pk = next(PKS)
        source = NAV.but(pk=sources[draft["source"]], type=TYPES[draft["source"]])
        common = {"key": f"k{pk}", "occurred_at": now, "received_at": now}
        ended = now + draft["ended"] if draft["stateful"] and draft["ended"] else None
        about = a_draft(
            source=source, start_time=now, tags=draft["tags"], level=draft["level"], stateful=draft["stateful"],
            ended_at=ended,
        )  # fmt: skip
        self.records = [a_create(incident_pk=pk, event_pk=pk + 1, draft=about, **common)]
        for number, step in enumerate(steps, 1):
            self.records.append(_record(step, pk + 10 * number, now, common))
        self._fold()

    def _fold(self):
        self.events: list[Event] = []
        self.incident, before = None, None
        for record in self.records:
            state, outcome = fold(State(self.incident), record)
            if outcome.events:
                self.last, before, self.leads = record, self.incident, len(outcome.events) == 1
            self.incident = state.incident
            self.events += outcome.events
        self.before, self.event = before, self.events[-1]


def _record(step, pk, now, common):
    kind, value = step
    if kind == "ack":
        return an_ack(event_pk=pk, expires_at=value and now + value, **common)
    if kind == "event":
        return a_happening(value, event_pk=pk, **common)
    changed = {"level": value} if kind == "level" else {"tags": value, "tags_of_anyone": True}
    return a_change(change_pks=tuple(range(pk, pk + 6)), **changed, **common)


@pytest.fixture
async def store(database_url):
    """Stores records as the service does."""
    link, held = Link(database_url), {PARTITION: Hold(0)}
    handler, offsets = Handler(link, NO_LETTERS), count()
    async with link.transaction() as transaction:
        await repository.positions(transaction, {PARTITION: 0})

    async def run(records):
        log = [Record(PARTITION, next(offsets), each.key.encode(), each.to_bytes(), (), 0) for each in records]
        await handler.store(list(read(log, {"incident-events": INCIDENT_EVENTS})), held)

    yield run
    await link.close()


@pytest.fixture
async def sources(sessions):
    """The pks of sources by the numbers that generated incidents and filters have."""
    async with sessions.begin() as session:
        return {number: (await add_source(session, f"s{number}", type_)).id for number, type_ in TYPES.items()}


class World:
    """Filters as rows: of each a filter, a profile and a planned maintenance task, and a profile of all of them."""

    def __init__(self, sessions, people, fallback):
        self.sessions, self.people, self.fallback = sessions, people, fallback
        self.app = an_api(sessions, fallback=fallback)

    async def add(self, blobs, now):
        alice = self.people.pks["alice"]
        async with self.sessions.begin() as session:
            slot = (await session.scalars(select(TimeslotRow).where(TimeslotRow.user_id == alice))).one()
            rows = []
            for number, blob in enumerate(blobs):
                filter_ = FilterRow(user_id=alice, name=f"f{number}", filter=json.loads(blob.to_bytes()))
                profile = ProfileRow(
                    user_id=alice, name=f"p{number}", active=True, filters=[filter_], timeslots=[slot],
                    timeslot_id=slot.id, destinations=[],
                )  # fmt: skip
                task = MaintenanceRow(created_by_id=alice, starts_at=now - HOUR, filters=[filter_])
                rows.append((filter_, profile, task))
            of_all = ProfileRow(
                user_id=alice, name="of all", active=True, filters=[row for row, _, _ in rows], timeslots=[slot],
                timeslot_id=slot.id, destinations=[],
            )  # fmt: skip
            session.add_all([*(row for group in rows for row in group), of_all])
            await session.flush()
            self.of_all = of_all.id
            self.pks = [tuple(row.id for row in group) for group in rows]
        async with self.sessions() as session:
            found = await session.scalars(PROFILE.where())
            self.profiles = {row.id: documents.profile(row).but(destinations=(row.id,)) for row in found}
            found = await session.scalars(MAINTENANCE.where())
            self.tasks = {row.id: documents.maintenance(row) for row in found}

    async def clear(self):
        async with self.sessions.begin() as session:
            for table in (*OF_INCIDENTS, ProfileRow, MaintenanceRow):
                for row in await session.scalars(select(table)) if table in (ProfileRow, MaintenanceRow) else ():
                    await session.delete(row)
                if table in OF_INCIDENTS:
                    await session.execute(delete(table))
            await session.flush()
            await session.execute(delete(FilterRow))

    def index(self, *rules):
        index = SiftedIndex(self.fallback)
        for rule in rules:
            index.put(document_key(rule.kind, rule.pk), rule)
        return index

    async def get(self, http, path, **more):
        response = await http.request(more.pop("method", "GET"), path, headers=self.people["alice"], **more)
        assert response.status_code == 200, response.text
        return response.json()


def rightly(told, filter_, fallback=EMPTY):
    """Whether the filter accepts the incident and its last event."""
    return fits_incident(with_fallback(filter_, fallback), told.incident, told.event.received_at) and fits_event(
        with_fallback(filter_, fallback), told.event
    )


def heard(told, filter_):
    """Whether the filter accepts the incident as it is, and one of its events."""
    accepted = fits_incident(filter_, told.incident, told.event.received_at)
    return accepted and any(fits_event(filter_, event) for event in told.events)


async def pks_of(world, http, path, **more):
    found = await world.get(http, path, **more)
    shown = found if isinstance(found, list) else found["results"]
    return {each.get("incident", each)["pk"] for each in shown}


async def check_reads(world, http, blobs, incidents):
    """Lists and previews have what the filter accepts and has an event that it accepts."""
    for blob, (filter_, profile, task) in zip(blobs, world.pks, strict=True):
        expected = {told.incident.pk for told in incidents if heard(told, blob)}
        body = json.loads(blob.to_bytes())
        for version in (V2, V3):
            assert await pks_of(world, http, f"{version}incidents/?filter_pk={filter_}") == expected
        assert await pks_of(world, http, f"{V2}{PROFILES}filterpreview/", method="POST", json=body) == expected
        whole = with_fallback(blob, world.fallback)  # which is of profiles alone
        assert await pks_of(world, http, f"{V3}{PROFILES}{profile}/preview/") == {
            told.incident.pk for told in incidents if heard(told, whole)
        }
        assert await pks_of(world, http, f"{V3}plannedmaintenance/{task}/incidents/") == {
            told.incident.pk for told in incidents
            if fits_incident(blob, told.incident, told.event.received_at)
            and is_open(told.incident, told.event.received_at)
        }  # fmt: skip


async def check_explanations(world, http, blobs, incidents):
    """An explanation says of each pair what the filter says, and which maintenance is in the way."""
    for told in incidents:
        body = await world.get(http, f"{V3}{PROFILES}{world.of_all}/explain/?event={told.event.pk}")
        accepting = [rightly(told, blob, world.fallback) for blob in blobs]
        for accepts, (filter_, _, _) in zip(accepting, world.pks, strict=True):
            of_it = [each["holds"] for each in body["conditions"] if f"({filter_})" in each["about"]]
            assert (bool(of_it) and all(of_it)) == accepts
        assert body["wanted"] == all(accepting)
        covering = [task.pk for task in world.tasks.values() if covers(task, told.incident, told.event)]
        said = [each["about"] for each in body["in_the_way"] if each["slug"] == "maintenance" and not each["holds"]]
        assert said == [f"planned maintenance {pk}" for pk in covering]
    for blob, (_, profile, _), told in zip(blobs, world.pks, incidents, strict=True):
        body = await world.get(http, f"{V3}{PROFILES}{profile}/explain/?event={told.event.pk}")
        assert body["wanted"] == rightly(told, blob, world.fallback)


def check_matcher(world, blobs, incidents):
    """The matcher tells those whose filter accepts the event, unless maintenance whose filter does covers it."""
    profiles, tasks = [world.profiles[pk] for _, pk, _ in world.pks], [world.tasks[pk] for _, _, pk in world.pks]
    index, under_maintenance = world.index(*profiles), world.index(*profiles, *tasks)
    for told in incidents:
        wanting = {pk for blob, (_, pk, _) in zip(blobs, world.pks, strict=True) if rightly(told, blob, world.fallback)}
        covering = [
            pk for blob, (_, _, pk) in zip(blobs, world.pks, strict=True)
            if fits_incident(blob, told.incident, told.event.received_at)
        ]  # fmt: skip
        assert {each.pk for each in index.wanting(told.incident, told.event)} == wanting
        covered = under_maintenance.covering(told.incident, told.event)
        assert (covered.pk if covered else None) == min(covering, default=None)
        assert [covers(task, told.incident, told.event) for task in tasks] == [task.pk in covering for task in tasks]
        news = {pk for pk in wanting if is_news(told, world.profiles[pk], world.fallback)}
        assert decided(told, index) == (news, set())
        assert decided(told, under_maintenance) == ((set(), news) if covering else (news, set()))


def is_news(told, profile, fallback):
    """Whether a change is told: the profile names changes, or did not accept the incident before (design 6.7)."""
    if told.event.type is not EventType.CHANGE:
        return True
    (filter_,) = [with_fallback(named.filter, fallback) for named in profile.filters]
    before = told.before is not None and fits_incident(filter_, told.before, told.event.received_at)
    return EventType.CHANGE in filter_.event_types or (told.leads and not before)


def decided(told, index):
    """Who is told of the last event, and from whom it is withheld, where nobody was told of anything before."""
    memory = None if told.before is None else MatcherState(incident=told.before)
    decision = decide(
        told.last, memory, index=index, now=told.last.received_at, too_old_after=timedelta(hours=24)
    )  # fmt: skip
    return (
        {each.destination for each in decision.notifications if each.event.pk == told.event.pk},
        {each.delivery.destination for each in decision.withheld if each.delivery.event == told.event.pk},
    )


async def compare(sessions, people, sources, store, world):
    """See that all give one answer, for each filter and each incident."""
    histories, blobs, fallback = world
    now = datetime.now(UTC)
    blobs = [each.but(sourceSystemIds=tuple(sources[number] for number in each.sourceSystemIds)) for each in blobs]
    incidents = [Told(history, sources, now) for history in histories]
    world = World(sessions, people, fallback)
    try:
        await store([record for told in incidents for record in told.records])
        await world.add(blobs, now)
        async with client(world.app) as http:
            await check_reads(world, http, blobs, incidents)
            await check_explanations(world, http, blobs, incidents)
        check_matcher(world, blobs, incidents)
    finally:
        await world.clear()


ONE_DATABASE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
AS_DRAWN = [Phase.reuse, Phase.generate]
"""Each example costs a second, so none is made smaller; what it fails of is one filter and one incident."""


@given(worlds)
@settings(max_examples=10, deadline=None, suppress_health_check=ONE_DATABASE, phases=AS_DRAWN)
async def test_a_thousand_incidents_and_filters_give_one_answer_everywhere(sessions, people, sources, store, world):
    await compare(sessions, people, sources, store, world)


@pytest.mark.long
@pytest.mark.timeout(1800)
@given(worlds)
@settings(max_examples=100, deadline=None, suppress_health_check=ONE_DATABASE, phases=AS_DRAWN)
async def test_ten_thousand_incidents_and_filters_give_one_answer_everywhere(sessions, people, sources, store, world):
    await compare(sessions, people, sources, store, world)
