"""What the compacted topics hold is compared with the tables, and what differs is published anew."""

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from argus_api.comparing import Comparing
from argus_api.relay import Relay, publishers
from argus_database.configuration import publish
from argus_database.configuration.comparison import Comparison, Difference, How
from argus_database.configuration.date_lists import add_date_list
from argus_database.configuration.destinations import add_destination
from argus_database.configuration.filters import add_filter, change_filter
from argus_database.configuration.maintenance import add_maintenance
from argus_database.configuration.profiles import add_profile, add_wished
from argus_database.configuration.quiet import set_quiet
from argus_database.configuration.sources import add_source
from argus_database.configuration.timeslots import add_timeslot
from argus_database.configuration.tokens import create_token
from argus_database.configuration.users import add_user
from argus_database.configuration.wishes import Wish
from argus_database.tables.accounts import SourceRow, TokenRow
from argus_database.tables.maintenance import MaintenanceRow
from argus_database.tables.outbox import OutboxRow
from argus_database.tables.profiles import DestinationRow, ProfileRow, TimeslotRow
from argus_runtime.broadcast import Broadcast
from argus_runtime.contents import Contents
from argus_runtime.errors import LogUnavailable
from argus_runtime.health import Check
from argus_schemas.configuration import Damping, EscalationStep, Filter
from argus_schemas.schedules import Recurrence, Repeats
from argus_schemas.topics import DESTINATIONS, RULES, SOURCES
from argus_schemas.words import EventType
from tests.eventually import eventually
from tests.integration.api.test_relay import until_empty

HOUR = timedelta(hours=1)


@pytest.fixture
def comparing(settings, sessions):
    return Comparing(settings, sessions, HOUR)


@pytest.fixture
async def configured(sessions, relaying, kafka):
    """One document of each kind, published; gives their pks."""
    async with sessions.begin() as session:
        user = (await add_user(session, "alice", email="alice@example.org")).id
        slot = await session.scalar(select(TimeslotRow.id))
        filter_ = await add_filter(session, user, "bad ones", Filter(maxlevel=1))
        await add_profile(session, user, timeslots=[slot], filters=[filter_.id])
        await add_maintenance(session, user, filters=[filter_.id])
        await add_source(session, "nav1", "nav")
        await create_token(session, "nav1")
    async with relaying():
        await until_empty(sessions)
    async with sessions() as session:
        return {
            "user": user,
            "filter": filter_.id,
            "profile": await session.scalar(select(ProfileRow.id)),
            "maintenance": await session.scalar(select(MaintenanceRow.id)),
            "destination": await session.scalar(select(DestinationRow.id)),
            "source": await session.scalar(select(SourceRow.id).where(SourceRow.slug == "nav1")),
        }


@pytest.fixture
def produce(kafka):
    async def send(topic, key, value):
        await (await (await kafka.producer()).send(topic, key, value))

    return send


async def held(kafka, topic):
    """What a reader holds that begins now."""
    reader = Broadcast(kafka, topic)
    await reader.load()
    return reader.documents


async def differing(sessions, kafka, topic):
    contents = Contents(kafka, topic, datetime.now(UTC))
    return [one async for found in Comparison(sessions, contents, datetime.now(UTC)).differences() for one in found]


async def repaired(comparing, relaying, sessions):
    """Compare, relay what that makes, and return what was said of it."""
    await comparing.compare()
    async with relaying():
        await until_empty(sessions)
    return comparing.said


async def test_documents_as_they_were_published_do_not_differ(comparing, configured, sessions, published):
    before = await published()

    await comparing.compare()

    assert "none differed" in comparing.said
    assert await published() == before
    async with sessions() as session:
        assert await session.scalar(select(OutboxRow.id)) is None


async def test_whatever_documents_can_say_does_not_differ_once_it_is_published(comparing, sessions, relaying, kafka):
    async with sessions.begin() as session:
        user = (await add_user(session, "alice", email="alice@example.org")).id
        filter_ = await add_filter(
            session, user, "odd ones", Filter(tags=("host=ä", "b=2"), event_types=(EventType.START,))
        )
        holidays = await add_date_list(session, user, "holidays", [date(2026, 12, 24), date(2026, 5, 1)])
        slot = await add_timeslot(
            session, user, "work", [Recurrence(days=(1, 5), start=time(8), end=time(16, 30, 0, 1))],
            zone="Europe/Oslo", exceptions=[holidays.id],
        )  # fmt: skip
        hook = await add_destination(
            session, user, "webhook", {"url": "http://hook.example.org", "secret": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"},
            encrypt=lambda secret, _: secret[::-1], label="hook",
        )  # fmt: skip
        steps = [EscalationStep(after_minutes=after, destinations=(hook.id,)) for after in (5, 10)]
        wish = Wish(
            name="all", timeslots=[slot.id], filters=[filter_.id], destinations=[hook.id], escalation=steps,
            damping=Damping(changes=3, minutes=10),
        )  # fmt: skip
        await add_wished(session, user, wish)
        await set_quiet(session, user, datetime.now(UTC) + HOUR)
        begin = datetime.now(UTC) + HOUR
        await add_maintenance(
            session, user, filters=[filter_.id], starts_at=begin, ends_at=begin + HOUR, tell_after=False,
            repeats=Repeats(every="week", days=(1, 3), until=begin + 100 * HOUR),
        )  # fmt: skip
        await add_source(session, "nav1", "nav", base_url="http://nav1.example.org/")
        await create_token(session, "nav1", expires=timedelta(days=7))
    async with relaying():
        await until_empty(sessions)

    await comparing.compare()

    assert "none differed" in comparing.said


async def test_a_topic_that_lost_its_documents_gets_them_again(comparing, configured, sessions, relaying, kafka):
    for topic in (RULES, SOURCES, DESTINATIONS):
        admin = await kafka.admin()
        await admin.delete([kafka.name(topic)])
        await admin.create([topic])

    said = await repaired(comparing, relaying, sessions)

    assert "published anew" in said
    assert set(await held(kafka, RULES)) == {
        f"profile:{configured['profile']}", f"maintenance:{configured['maintenance']}",
    }  # fmt: skip
    assert f"destination:{configured['destination']}" in await held(kafka, DESTINATIONS)
    assert f"source:{configured['source']}" in await held(kafka, SOURCES)
    assert "none differed" in await repaired(comparing, relaying, sessions)


async def test_an_older_version_is_replaced(comparing, configured, sessions, relaying, kafka):
    key = f"profile:{configured['profile']}"
    old = (await held(kafka, RULES))[key]
    async with sessions.begin() as session:  # its outbox row is lost: somebody emptied the table
        await change_filter(session, configured["user"], configured["filter"], filter_=Filter(maxlevel=4))
        await session.execute(delete(OutboxRow))
    assert set(await differing(sessions, kafka, RULES)) == {
        Difference(key, How.OTHER), Difference(f"maintenance:{configured['maintenance']}", How.OTHER),
    }  # fmt: skip

    await repaired(comparing, relaying, sessions)

    new = (await held(kafka, RULES))[key]
    assert new.filters[0].filter.maxlevel == 4
    assert new.version > old.version


async def test_other_content_under_the_same_version_is_replaced_by_a_higher_one(
    comparing, configured, sessions, relaying, kafka, produce
):
    key = f"profile:{configured['profile']}"
    good = (await held(kafka, RULES))[key]
    await produce(RULES, key, good.but(active=False))

    await repaired(comparing, relaying, sessions)

    new = (await held(kafka, RULES))[key]
    assert new == good.but(version=new.version)
    assert new.version > good.version


async def test_an_older_version_after_a_newer_one_is_replaced_though_readers_ignore_it_now(
    comparing, configured, sessions, relaying, kafka, produce
):
    """Compaction would leave the last record, and with it the older version."""
    key = f"profile:{configured['profile']}"
    good = (await held(kafka, RULES))[key]
    await produce(RULES, key, good.but(version=good.version - 1))
    assert await differing(sessions, kafka, RULES) == [Difference(key, How.UNCERTAIN)]

    await repaired(comparing, relaying, sessions)

    assert await differing(sessions, kafka, RULES) == []


KEYS_OF_NOBODY = {
    "plain": "profile:4711",
    "none": "nonsense",
    "other": "profile:04711",
    "long": "profile:" + 5000 * "9",
}


@pytest.mark.parametrize("key", KEYS_OF_NOBODY.values(), ids=KEYS_OF_NOBODY)
async def test_a_document_whose_row_is_gone_is_deleted(comparing, configured, sessions, relaying, kafka, produce, key):
    known = (await held(kafka, RULES))[f"profile:{configured['profile']}"]
    await produce(RULES, key, known.but(pk=4711, version=1))

    await repaired(comparing, relaying, sessions)

    assert set(await held(kafka, RULES)) == {known_key for known_key in await held(kafka, RULES) if known_key != key}
    assert len(await held(kafka, RULES)) == 2


async def test_a_document_that_cannot_be_read_is_replaced(comparing, configured, sessions, relaying, kafka, produce):
    key = f"destination:{configured['destination']}"
    good = (await held(kafka, DESTINATIONS))[key]
    await produce(DESTINATIONS, key, b"{")

    await repaired(comparing, relaying, sessions)

    assert await differing(sessions, kafka, DESTINATIONS) == []
    assert (await held(kafka, DESTINATIONS))[key].settings == good.settings


async def test_a_change_that_waits_in_the_outbox_is_no_difference(comparing, configured, sessions, kafka):
    async with sessions.begin() as session:
        await change_filter(session, configured["user"], configured["filter"], filter_=Filter(maxlevel=4))

    await comparing.compare()

    assert "none differed" in comparing.said


async def test_a_change_published_while_it_is_compared_is_no_difference(configured, sessions, relaying, kafka):
    """The rows are newer than what was first read of the topic, but the topic has them by the second look."""
    contents = Contents(kafka, RULES, datetime.now(UTC))
    await contents.catch_up()
    async with relaying():
        async with sessions.begin() as session:
            await change_filter(session, configured["user"], configured["filter"], filter_=Filter(maxlevel=4))
        await until_empty(sessions)
    compared = Comparison(sessions, _Late(contents), datetime.now(UTC))

    assert [found async for found in compared.differences()] == []


class _Late:
    """Contents that are read only at the second look."""

    def __init__(self, contents):
        self.topic = contents.topic
        self._contents = contents
        self._looks = 0

    @property
    def documents(self):
        return self._contents.documents

    @property
    def highest(self):
        return self._contents.highest

    async def catch_up(self):
        self._looks += 1
        if self._looks > 1:
            await self._contents.catch_up()


async def test_changes_beside_comparisons_end_with_what_the_tables_say(
    configured, comparing, sessions, relaying, kafka, produce
):
    key = f"profile:{configured['profile']}"

    async def change():
        for level in (1, 2, 3, 4, 5) * 6:
            async with sessions.begin() as session:
                await change_filter(session, configured["user"], configured["filter"], filter_=Filter(maxlevel=level))

    async def spoil():
        for _ in range(5):
            document = (await held(kafka, RULES)).get(key)
            await produce(RULES, key, document.but(active=False) if document else b"{")
            await comparing.compare()

    async with relaying():
        await asyncio.gather(change(), spoil())
        await until_empty(sessions)
    await repaired(comparing, relaying, sessions)

    document = (await held(kafka, RULES))[key]
    assert document.active
    assert document.filters[0].filter.maxlevel == 5
    assert await differing(sessions, kafka, RULES) == []


async def test_after_a_restore_of_older_tables_changes_are_heeded_again(
    comparing, configured, sessions, relaying, kafka
):
    """The tables' copy gives versions that the topic has had already, which readers would ignore."""
    key = f"profile:{configured['profile']}"
    running = Broadcast(kafka, RULES)
    await running.load()
    following = asyncio.create_task(running.follow())
    async with sessions.begin() as session:
        await session.execute(text("select setval(pg_get_serial_sequence('outbox', 'id'), 1)"))

    await repaired(comparing, relaying, sessions)
    async with relaying():
        async with sessions.begin() as session:
            await change_filter(session, configured["user"], configured["filter"], filter_=Filter(maxlevel=4))
        await until_empty(sessions)

    await running.up_to_end()
    assert running.documents[key].filters[0].filter.maxlevel == 4
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following


async def test_a_filter_changed_after_maintenance_has_ended_leaves_the_task_as_it_was(
    comparing, configured, sessions, relaying, kafka
):
    async with sessions.begin() as session:
        await session.execute(
            update(MaintenanceRow).values(starts_at=datetime.now(UTC) - 2 * HOUR, ends_at=datetime.now(UTC) - HOUR)
        )
        await publish.maintenance(session)
        await change_filter(session, configured["user"], configured["filter"], filter_=Filter(maxlevel=4))

    said = await repaired(comparing, relaying, sessions)
    assert "none differed" in said
    said = await repaired(comparing, relaying, sessions)

    assert "none differed" in said
    document = (await held(kafka, RULES))[f"maintenance:{configured['maintenance']}"]
    assert document.filters[0].filter.maxlevel == 1


async def test_a_token_that_has_expired_and_was_forgotten_is_no_difference(comparing, configured, sessions, relaying):
    async with sessions.begin() as session:
        await session.execute(update(TokenRow).values(expires_at=datetime.now(UTC) - HOUR))
        await publish.sources(session)
    async with relaying():
        await until_empty(sessions)
    async with sessions.begin() as session:
        await session.execute(delete(TokenRow))

    await comparing.compare()

    assert "none differed" in comparing.said


@asynccontextmanager
async def relaying_and_comparing(settings, comparing):
    """Run a relay that compares, and give its check."""
    check, stop = Check("outbox", required=False), asyncio.Event()
    relay = asyncio.create_task(Relay(settings.database_url, publishers(settings), check, comparing).run(stop))
    try:
        yield check
    finally:
        stop.set()
        await relay


async def test_whoever_relays_compares_when_it_begins_and_then_again_and_again(
    configured, settings, sessions, kafka, produce
):
    known = (await held(kafka, RULES))[f"profile:{configured['profile']}"]
    before = _left()

    async def gone(pk):
        return f"profile:{pk}" not in await held(kafka, RULES)

    async with relaying_and_comparing(settings, Comparing(settings, sessions, timedelta(seconds=0.5))) as check:
        for number, pk in enumerate((4711, 4712), 1):
            await produce(RULES, f"profile:{pk}", known.but(pk=pk, version=1))
            await eventually(partial(gone, pk), within=30, pause=0.2)
            assert _left() == before + number
        await eventually(lambda: "none differed" in check.state.detail, within=20)
        assert check.state.ok


async def test_what_was_published_anew_is_named_where_health_is_asked(configured, settings, sessions, kafka, produce):
    known = (await held(kafka, RULES))[f"profile:{configured['profile']}"]
    await produce(RULES, "profile:4711", known.but(pk=4711, version=1))

    async with relaying_and_comparing(settings, Comparing(settings, sessions, HOUR)) as check:
        await eventually(lambda: "1 published anew (profile:4711)" in check.state.detail, within=20)
        assert check.state.ok


def _left():
    return REGISTRY.get_sample_value("argus_api_documents_differing_total", {"topic": "rules", "how": "left"}) or 0


async def test_topics_that_cannot_be_compared_are_told_and_documents_go_on(configured, settings, sessions):
    class Away(Comparing):
        """Its topics cannot be read."""

        async def compare(self):
            raise LogUnavailable("no leader")

    async with relaying_and_comparing(settings, Away(settings, sessions, HOUR)) as check:
        await eventually(lambda: "could not be compared with the tables: no leader" in check.state.detail, within=20)
        assert not check.state.ok
        async with sessions.begin() as session:
            await add_source(session, "nav2", "nav")
        await until_empty(sessions)


@pytest.mark.parametrize("failure", [PoolTimeoutError("no connection is free"), ValueError("no time zone 'Mars'")])
async def test_a_busy_database_or_a_row_of_which_no_document_can_be_made_ends_nothing(settings, sessions, failure):
    class Failing(Comparing):
        """It fails."""

        async def compare(self):
            raise failure

    comparing = Failing(settings, sessions, HOUR)
    running = asyncio.create_task(comparing.run())
    await eventually(lambda: running.done() or not comparing.well)

    assert not running.done()
    assert str(failure) in comparing.said
    running.cancel()
