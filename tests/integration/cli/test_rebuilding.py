"""`argus matcher rebuild` gives a matcher back what it remembered, from PostgreSQL."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from argus_database.engine import Sessions, open_database
from argus_database.incidents import incident_by_key, positions
from argus_database.tables.accounts import SourceRow, SourceTypeRow, UserRow
from argus_database.tables.incidents import NotificationRow
from argus_runtime.errors import Fenced
from argus_runtime.kafka import Kafka, Partition, owner_id, partition_of
from argus_runtime.settings import KafkaSettings
from argus_schemas.configuration import Filter, NamedFilter, Profile, document_key
from argus_schemas.memory import MatcherState
from argus_schemas.notification import Notification
from argus_schemas.records import Record
from argus_schemas.topics import INCIDENT_EVENTS, INCIDENT_STATES, NOTIFICATIONS, RULES, Topic
from argus_schemas.words import EventType
from tests.builders import NAV, a_draft, a_happening, a_profile, a_start, an_ack, tags
from tests.eventually import eventually
from tests.stack import Member, Servers, Stack, running_stack

CRITICAL_ONLY = NamedFilter(pk=1, name="Critical", filter=Filter(maxlevel=1))


@dataclass
class Site:
    """A store, a matcher, and what stands in Kafka."""

    stack: Stack
    kafka: Kafka
    sessions: Sessions

    async def append(self, *records: Record) -> None:
        producer = await self.kafka.producer()
        for record in records:
            await (await producer.send(INCIDENT_EVENTS, record.key, record))

    async def publish(self, profile: Profile) -> None:
        await (await (await self.kafka.producer()).send(RULES, document_key("profile", profile.pk), profile))

    async def matcher(self) -> Member:
        matcher = self.stack.start("matcher")
        await self.stack.is_ready(matcher)
        return matcher

    async def rebuild(self, *words: str) -> dict[str, Any]:
        done: dict[str, Any] = json.loads(await self.stack.argus("matcher", "rebuild", "--json", *words))
        return done

    async def refused(self, *words: str) -> str:
        with pytest.raises(AssertionError) as refusal:
            await self.stack.argus("matcher", "rebuild", *words)
        return str(refusal.value)

    async def all_matched_and_stored(self, told: int) -> None:
        """Return when both have come to the end of the log, and the rows tell of so many notifications."""
        admin = await self.kafka.admin()

        async def done() -> bool:
            ends = {place: end for place, end in (await admin.ends([INCIDENT_EVENTS])).items() if end}
            matched = await admin.positions("matcher")
            async with self.sessions() as session:
                stored = await positions(session)
                rows = await session.scalar(select(func.count()).select_from(NotificationRow))
            there = all(matched.get(place) == stored.get(place) == end for place, end in ends.items())
            return there and rows == told

        await eventually(done, within=40, pause=0.1)

    async def lose_states(self) -> None:
        admin = await self.kafka.admin()
        await admin.delete([self.kafka.name(INCIDENT_STATES)])
        await admin.create([INCIDENT_STATES])

    async def committed(self, topic: Topic[Any]) -> list[tuple[str, bytes | None]]:
        reader = await self.kafka.reader(topic, committed=True)
        try:
            return [((record.key or b"").decode(), record.value) async for record in reader.to_end()]
        finally:
            await reader.close()

    async def states(self) -> dict[str, MatcherState]:
        latest = dict(await self.committed(INCIDENT_STATES))
        return {key: INCIDENT_STATES.decode(value) for key, value in latest.items() if value is not None}

    async def told(self) -> list[Notification]:
        return [NOTIFICATIONS.decode(value or b"") for _, value in await self.committed(NOTIFICATIONS)]

    async def told_of(self, pk: int) -> list[tuple[str, int]]:
        return [(str(one.event.type), one.destination) for one in await self.told() if one.incident.pk == pk]


@pytest.fixture
async def site(kafka_server: str, database_url: str, prefix: str, tmp_path: Any) -> AsyncIterator[Site]:
    servers = Servers(kafka=kafka_server, database=database_url, prefix=prefix, smtp_port=1)
    settings = KafkaSettings(bootstrap_servers=kafka_server, prefix=prefix)
    async with (
        running_stack(tmp_path, servers) as stack,
        Kafka(settings) as kafka,
        open_database(database_url) as sessions,
    ):
        await _add_source(sessions)
        stack.start("store")
        yield Site(stack, kafka, sessions)


def now(number: int) -> dict[str, Any]:
    at = datetime.now(UTC)
    return {"key": f"2:box-{number}", "occurred_at": at, "received_at": at}


def starts(number: int, event: int = 0) -> Record:
    common = now(number)
    draft = a_draft(source_incident_id=f"box-{number}", start_time=common["occurred_at"], tags=tags(f"host={number}"))
    return a_start(incident_pk=number, event_pk=number * 100 + event, draft=draft, **common)


def ends(number: int, event: int = 1) -> Record:
    return a_happening(EventType.END, event_pk=number * 100 + event, **now(number))


async def test_an_end_is_told_as_ever_though_states_and_positions_were_lost(site: Site) -> None:
    await site.publish(a_profile())
    await site.matcher()
    opened = [starts(number) for number in range(1, 8)]
    await site.append(*opened, an_ack(event_pk=150, expires_at=None, **now(1)), ends(7))
    await site.all_matched_and_stored(told=9)
    before = await site.states()
    await site.stack.stop("matcher")
    await site.lose_states()
    await site.kafka.move("matcher", {place: end + 99 for place, end in (await _ends(site)).items()})
    await site.publish(a_profile(version=2, filters=(CRITICAL_ONLY,)))  # from now on only promises are kept

    planned = await site.rebuild("--dry-run")
    assert await site.states() == {}
    done = await site.rebuild("--closed-days", "0")

    assert (planned["written"], planned["dry_run"]) == (7, True)
    assert (done["written"], done["told"], done["kept"]) == (6, 6, 0)
    after = await site.states()
    assert set(after) == set(before) - {"2:box-7"}
    for key, state in after.items():
        assert state.incident == before[key].incident
        assert state.told == before[key].told
        assert set(state.recent) == set(before[key].recent)

    await site.matcher()
    await site.append(*opened, *map(ends, range(1, 7)))  # a producer repeats the starts
    await site.all_matched_and_stored(told=15)

    assert await site.told_of(1) == [("STA", 4), ("ACK", 4), ("END", 4)]
    for number in range(2, 8):
        assert await site.told_of(number) == [("STA", 4), ("END", 4)]
    last = next(one for one in await site.told() if (one.incident.pk, one.event.type) == (1, EventType.END))
    async with site.sessions() as session:
        assert last.incident == await incident_by_key(session, "2:box-1")
    assert last.incident.tags[0].value == "1"
    assert [ack.event for ack in last.incident.acks] == [150]


async def test_those_are_promised_an_end_who_were_told_of_the_latest_start(site: Site) -> None:
    await site.publish(a_profile())
    await site.matcher()
    await site.append(starts(1), ends(1))
    await site.all_matched_and_stored(told=2)
    await site.publish(a_profile(version=2, destinations=(5, 6)))
    matcher = site.stack.members["matcher"]
    await eventually(lambda: matcher.knows_rules(2), within=20)
    await site.append(starts(1, event=20), starts(2))
    await site.all_matched_and_stored(told=6)
    remembered = await site.states()
    await site.stack.stop("matcher")
    await site.lose_states()

    await site.rebuild()

    states = await site.states()
    assert {key: state.told for key, state in states.items()} == {key: state.told for key, state in remembered.items()}
    assert [one.destination for one in states["2:box-1"].told] == [5, 6]


async def test_states_that_are_there_stay_unless_they_are_to_be_replaced(site: Site) -> None:
    await site.publish(a_profile())
    await site.matcher()
    await site.append(starts(1), starts(2))
    await site.all_matched_and_stored(told=2)
    await site.stack.stop("matcher")
    known = await site.states()
    foreign = known["2:box-1"].but(told=())
    producer = await site.kafka.producer()
    for key in ("2:box-1", "2:nobody"):
        await (await producer.send(INCIDENT_STATES, key, foreign, partition=_partition(key)))

    kept = await site.rebuild()
    assert (kept["written"], kept["kept"], kept["forgotten"]) == (0, 2, 0)
    assert (await site.states())["2:box-1"] == foreign

    replaced = await site.rebuild("--replace")
    assert (replaced["written"], replaced["kept"], replaced["forgotten"]) == (2, 0, 1)
    states = await site.states()
    assert {key: (state.incident, state.told) for key, state in states.items()} == {
        key: (state.incident, state.told) for key, state in known.items()
    }


async def test_it_is_refused_where_a_matcher_is_at_work_or_events_would_be_told_to_nobody(site: Site) -> None:
    await site.publish(a_profile())
    await site.matcher()
    await site.append(starts(1))
    await site.all_matched_and_stored(told=1)
    assert "Stop every matcher" in await site.refused()

    await site.stack.stop("matcher")
    place = _place(site, "2:box-1")
    await site.kafka.move("matcher", {place: 0})
    refusal = await site.refused()
    assert "Nobody would be told of 1 events" in refusal
    assert f"{place} (1 from 0)" in refusal
    assert "--skip" in refusal
    done = await site.rebuild("--skip")
    assert [one["passed_over"] for one in done["standings"] if one["partition"] == place.partition] == [1]

    await site.stack.stop("store")
    await site.append(ends(1))
    await site.kafka.move("matcher", {place: 2})
    assert "The store is behind the matcher" in await site.refused()


async def test_a_matcher_that_was_only_asleep_writes_nothing_any_more(site: Site) -> None:
    await site.publish(a_profile())
    matcher = await site.matcher()
    await site.append(*map(starts, range(1, 7)))
    await site.all_matched_and_stored(told=6)
    matcher.pause()
    admin = await site.kafka.admin()

    async def alone() -> bool:
        return await admin.members("matcher") == 0

    await eventually(alone, within=40, pause=0.2)

    await site.rebuild("--replace")
    await site.append(*map(ends, range(1, 7)))
    other = site.stack.start("matcher", "other matcher")
    matcher.resume()
    await site.stack.is_ready(other)
    await site.all_matched_and_stored(told=12)

    told = Counter((one.incident.pk, str(one.event.type)) for one in await site.told())
    assert told == {(number, word): 1 for number in range(1, 7) for word in ("STA", "END")}


async def test_nobody_moves_the_positions_that_it_goes_by(site: Site) -> None:
    place = _place(site, "2:box-1")
    asleep = await site.kafka.transactional(owner_id("matcher", INCIDENT_EVENTS, place.partition))
    await asleep.start()
    await site.append(starts(1))
    await site.kafka.move("matcher", {place: 0})

    async def stored() -> bool:
        async with site.sessions() as session:
            return (await positions(session)).get(place) == 1

    await eventually(stored, within=40, pause=0.1)

    assert "Nobody would be told of 1 events" in await site.refused()
    with pytest.raises(Fenced):
        async with asleep.transaction():
            await asleep.send(INCIDENT_STATES, "2:box-1", b"", partition=place.partition)


async def _add_source(sessions: Sessions) -> None:
    """Add the source that the drafts of tests name."""
    async with sessions.begin() as session:
        await session.merge(SourceTypeRow(name=NAV.type))
        session.add(UserRow(id=NAV.user, username=NAV.username))
        await session.flush()
        session.add(
            SourceRow(id=NAV.pk, slug=NAV.name, name=NAV.name, type=NAV.type, user_id=NAV.user, base_url=NAV.base_url)
        )


async def _ends(site: Site) -> dict[Partition, int]:
    return await (await site.kafka.admin()).ends([INCIDENT_EVENTS])


def _partition(key: str) -> int:
    return partition_of(key, INCIDENT_EVENTS.partitions)


def _place(site: Site, key: str) -> Partition:
    return Partition(site.kafka.name(INCIDENT_EVENTS), _partition(key))
