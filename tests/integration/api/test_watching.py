"""Silent sources and expiring tokens give incidents of the source `argus` (specification 6.2; rules 152-158)."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from argus_api.watch import Inboxes, Watch
from argus_api.watched import open_register
from argus_database.configuration.own import own_source
from argus_database.configuration.tokens import create_token, renew_token
from argus_ingest.settings import Settings
from argus_runtime.health import Health
from argus_schemas.topics import INCIDENT_EVENTS, reports_topic
from tests.eventually import eventually
from tests.integration.ingest.conftest import opened
from tests.integration.ingest.site import Site

MINUTE = timedelta(minutes=1)
SILENT = "Missing heartbeat from source nav1 (nav), dead?"
LATE = timedelta(seconds=71)
INCIDENTS = """
select i.description, i.level, i.ended_at is null,
  array(select t.key || '=' || t.value from incident_tags t where t.incident_id = i.id order by t.ordinal),
  array(select e.type || ' ' || u.username || ' ' || e.description from events e join users u on u.id = e.actor_id
        where e.incident_id = i.id order by e.id)
from incidents i join sources s on s.id = i.source_id where s.name = 'argus' order by i.id
"""

OWN = "select slug, is_superuser, password from sources s join users u on u.id = s.user_id where s.name = 'argus'"


class Place:
    """A site, its watches, and a clock that a test sets."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.now = datetime.now(UTC)

    async def watch(self, notice: timedelta = timedelta(days=7)) -> Watch:
        return Watch(
            self.site.settings.database_url, self.site.sessions, Inboxes(self.site.kafka),
            await self.site.kafka.producer(), Health().check("sources"), MINUTE, notice, lambda: self.now,
        )  # fmt: skip

    async def look(self, watch: Watch) -> None:
        async with open_register(watch.url) as register:
            await watch.look(register)

    async def source(self, **columns: Any) -> None:
        changes = ", ".join(f"{column} = :{column}" for column in columns)
        async with self.site.sessions.begin() as session:
            await session.execute(text(f"update sources set {changes} where name = 'nav1'"), columns)

    async def incidents(self) -> list[tuple[Any, ...]]:
        async with self.site.sessions() as session:
            return [tuple(row) for row in await session.execute(text(INCIDENTS))]

    async def shows(self, *expected: tuple[Any, ...]) -> bool:
        assert await self.incidents() == list(expected)
        return True


@pytest.fixture
async def place(kafka_server: str, database_url: str, prefix: str) -> AsyncIterator[Place]:
    settings = Settings(bootstrap_servers=kafka_server, database_url=database_url, prefix=prefix, session_timeout=6)
    async with opened(settings) as site:
        async with site.sessions.begin() as session:
            own = await own_source(session)
        await (await site.kafka.admin()).create([reports_topic(own.slug)])
        await site.publish()
        yield Place(site)


def silence(pk: int, *events: str, is_open: bool = True) -> tuple[Any, ...]:
    said = SILENT
    tags = ["problem_type=missing_heartbeat", f"source_system_id={pk}"]
    return (said, 4, is_open, tags, [f"STA argus {said}", *events])


@pytest.mark.rule(152, 153)
async def test_a_silent_source_is_an_incident_until_it_is_heard_again(place: Place):
    pk = place.site.pks["nav1"]
    alive = 'Source "nav1 (nav)" is again alive and well'
    async with place.site.store(), place.site.ingest():
        await place.source(heartbeat_frequency=MINUTE, last_seen=place.now)
        watch, other = await place.watch(), await place.watch()
        for each in (watch, other):
            await place.look(each)
        place.now += LATE
        for each in (watch, other, await place.watch(), watch):
            await place.look(each)
        assert await eventually(lambda: place.shows(silence(pk)))

        await place.look(watch)
        await place.source(last_seen=place.now)
        for each in (watch, other):
            await place.look(each)
        ended = silence(pk, f"END argus {alive}", is_open=False)
        assert await eventually(lambda: place.shows(ended))

        place.now += LATE
        for each in (watch, other):
            await place.look(each)
        assert await eventually(lambda: place.shows(ended, silence(pk)))


@pytest.mark.rule(152)
async def test_an_incident_that_is_closed_though_its_source_is_silent_begins_again(place: Place):
    pk = place.site.pks["nav1"]
    async with place.site.store(), place.site.ingest() as ingest:
        await place.source(heartbeat_frequency=MINUTE, last_seen=place.now)
        watch = await place.watch()
        await place.look(watch)
        place.now += LATE
        await place.look(watch)
        assert await eventually(lambda: place.shows(silence(pk)))
        async with place.site.sessions() as session:
            incident = await session.scalar(text("select id from incidents"))

        closed = await ingest.event(incident, "CLO", "alice", timestamp=place.now.isoformat())
        assert closed.status_code == 201
        place.now += MINUTE
        await place.look(watch)

        assert await eventually(lambda: place.shows(silence(pk, "CLO alice ", f"RES argus {SILENT}")))


@pytest.mark.rule(154)
async def test_an_incident_whose_source_is_gone_or_unsaid_ends_and_one_about_two_stays_open(place: Place):
    about: dict[str, list[int]] = {"unsaid": [], "gone": [4711], "two": [place.site.pks["nav1"], 4711]}
    async with place.site.store(), place.site.ingest():
        for number, (name, pks) in enumerate(about.items(), 1):
            tags = ["problem_type=missing_heartbeat", *(f"source_system_id={pk}" for pk in pks)]
            report = {"type": "start", "source_incident_id": name, "occurred_at": place.now.isoformat(), "tags": tags}
            await place.site.report("argus", json.dumps(report).encode(), key=name.encode())
            assert await eventually(partial(_count, place, number))
        async with place.site.sessions() as session:
            unsaid, gone, _ = await session.scalars(text("select id from incidents order by id"))

        place.now += MINUTE
        await place.look(await place.watch())

        async def said() -> bool:
            assert [(is_open, events[1:]) for _, _, is_open, _, events in await place.incidents()] == [
                (False, [f"END argus The source tag of incident {unsaid} is missing, closing"]),
                (False, [f"END argus The source of incident {gone} is gone, closing"]),
                (True, []),
            ]
            return True

        assert await eventually(said)


@pytest.mark.rule(155)
async def test_a_source_without_a_frequency_is_never_silent(place: Place):
    await place.source(last_seen=place.now - timedelta(days=400), heartbeat_frequency=None)
    async with place.site.store(), place.site.ingest():
        watch = await place.watch()
        for _ in range(3):
            await place.look(watch)
            place.now += LATE

        assert await place.site.records(INCIDENT_EVENTS) == []


async def test_while_no_ingest_listens_nobody_is_silent(place: Place):
    await place.source(heartbeat_frequency=MINUTE, last_seen=place.now - timedelta(days=1))
    watch = await place.watch()
    for _ in range(3):
        place.now += LATE
        await place.look(watch)

    async with place.site.store(), place.site.ingest():
        await place.look(watch)
        place.now += timedelta(seconds=30)
        await place.look(watch)
        assert await place.site.records(INCIDENT_EVENTS) == []
        place.now += LATE
        await place.look(watch)
        assert await eventually(lambda: place.shows(silence(place.site.pks["nav1"])))


async def test_a_source_whose_reports_wait_to_be_read_is_not_silent(place: Place):
    await place.source(heartbeat_frequency=MINUTE, last_seen=place.now - timedelta(days=1))
    await place.site.add_source("late", publish=False)
    ears = Inboxes(place.site.kafka)
    async with place.site.store(), place.site.ingest():
        await place.site.report("late", b"{}")

        assert await ears.listening()
        assert await ears.unheard(["nav1", "late"]) == {"late"}


@pytest.mark.rule(156, 157, 158)
async def test_a_token_that_expires_soon_is_an_incident_until_it_is_renewed(place: Place):
    site = place.site
    async with site.sessions.begin() as session:
        user = await session.scalar(text("select user_id from sources where name = 'nav1'"))
        await create_token(session, "nav1", kind="drf", expires=timedelta(days=5))
        await create_token(session, "zino", expires=timedelta(days=6))
        await create_token(session, "alice", expires=timedelta(days=1))
        await create_token(session, "nav1", kind="knox", expires=timedelta(hours=10))
    async with site.store(), site.ingest():
        await place.look(await place.watch(timedelta(days=3)))
        watch = await place.watch()
        for _ in range(2):
            await place.look(watch)
        assert await eventually(lambda: _count(place, 2))
        first, second = await place.incidents()
        day = f"{datetime.now(UTC) + timedelta(days=5):%Y-%m-%d}"
        assert first[:3] == (f"Token for source system nav1 (nav) will expire on {day}", 2, True)
        assert first[3][:3] == ["location=argus", "problem_type=token_expiry", f"source_system_id={site.pks['nav1']}"]
        assert first[3][3].startswith("object=token_expiry-")

        async with site.sessions.begin() as session:
            await renew_token(session, user, timedelta(days=14))
        await place.look(watch)

        ended = (*first[:2], False, first[3], [f"STA argus {first[0]}", "END argus "])
        assert await eventually(lambda: place.shows(ended, second))


async def test_one_process_at_a_time_looks(place: Place):
    url = place.site.settings.database_url
    async with open_register(url) as one, open_register(url) as two:
        assert [await one.is_ours(), await two.is_ours(), await one.is_ours()] == [True, False, True]
    async with open_register(url) as three:
        assert await eventually(three.is_ours)


async def _count(place: Place, expected: int) -> bool:
    return len(await place.incidents()) == expected


async def test_the_source_argus_is_made_when_it_is_first_needed(kafka_server: str, database_url: str, prefix: str):
    settings = Settings(bootstrap_servers=kafka_server, database_url=database_url, prefix=prefix, session_timeout=6)
    async with opened(settings) as site, site.store(), site.ingest():
        place, stop = Place(site), asyncio.Event()
        watch = await place.watch()
        watch.interval = timedelta(milliseconds=50)
        async with site.sessions.begin() as session:
            await create_token(session, "nav1", expires=timedelta(days=5))
        running = asyncio.create_task(watch.run(stop))

        assert await eventually(lambda: _own(site))
        await (await site.kafka.admin()).create([reports_topic("argus")])  # as the relay does
        await site.publish()

        assert await eventually(lambda: _count(place, 1))
        assert watch.check
        stop.set()
        await running


async def _own(site: Site) -> bool:
    async with site.sessions() as session:
        made = await session.execute(text(OWN))
        return [tuple(row) for row in made] == [("argus", True, None)]
