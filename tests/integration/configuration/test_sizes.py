"""What one user has takes at most 8 MiB on the topic that every matcher keeps in memory."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import func, select, text, update

from argus_database.configuration.date_lists import add_date_list, change_date_list
from argus_database.configuration.errors import Refused
from argus_database.configuration.filters import add_filter, change_filter
from argus_database.configuration.limits import LARGEST_RULES
from argus_database.configuration.maintenance import add_maintenance, change_maintenance
from argus_database.configuration.outbox import last_version
from argus_database.configuration.profiles import add_profile, change_profile
from argus_database.configuration.timeslots import add_timeslot, change_timeslot
from argus_database.configuration.users import add_user, set_active
from argus_database.configuration.wishes import Wish
from argus_database.tables.maintenance import MaintenanceRow
from argus_database.tables.profiles import ProfileRow
from argus_schemas.configuration import Filter
from argus_schemas.schedules import Recurrence

LARGE = Filter(tags=tuple(f"k={number:08}".ljust(300, "x") for number in range(100)))
SMALL = Filter(maxlevel=1)
HOUR = timedelta(hours=1)
NOW = datetime.now(UTC)


@pytest.fixture
def write(sessions):
    """Does one thing in a transaction of its own."""

    async def run(what, *args, **kwargs):
        async with sessions.begin() as session:
            return await what(session, *args, **kwargs)

    return run


async def alice(write):
    """A user with many large filters, and a timeslot."""
    user = (await write(add_user, "alice")).id
    large = [(await write(add_filter, user, f"f{number}", LARGE)).id for number in range(30)]
    dates = (await write(add_date_list, user, "days", [])).id
    slot = (await write(add_timeslot, user, "work", [], exceptions=[dates])).id
    return user, large, slot, dates


@pytest.fixture
async def full(write):
    """A user whose profiles take nearly all that they may."""
    user, large, slot, dates = await alice(write)
    while (taken := await write(taken_by, user)) < LARGEST_RULES:
        room = (LARGEST_RULES - taken - 5000) // 31_000
        if room <= 0:
            break
        last = (await write(add_profile, user, timeslots=[slot], filters=large[:room])).id
    return user, large, slot, dates, last


async def taken_by(session, user):
    return await session.scalar(select(func.sum(ProfileRow.document_bytes)).where(ProfileRow.user_id == user)) or 0


async def refused(write, what, *args, **kwargs):
    with pytest.raises(Refused, match="at most 8388608 bytes together"):
        await write(what, *args, **kwargs)


async def test_whatever_makes_the_documents_of_a_user_larger_than_they_may_be_is_refused(write, full):
    user, large, slot, dates, last = full
    small = (await write(add_filter, user, "small", SMALL)).id
    times = [
        Recurrence(days=(1,), start=time(hour), end=time(hour, minute)) for hour in range(3) for minute in range(1, 60)
    ]

    await refused(write, add_profile, user, timeslots=[slot], filters=[small, large[0]])
    await refused(write, change_profile, user, last, Wish(filters=[*large[:3], small, *large[3:]]))
    await refused(write, change_timeslot, user, slot, recurrences=times)
    await refused(write, change_date_list, user, dates, dates=[NOW.date() + n * timedelta(days=1) for n in range(900)])
    await refused(write, add_maintenance, user, filters=[large[0]])

    await write(change_profile, user, last, Wish(active=False, filters=[small]))
    await write(add_profile, user, timeslots=[slot], filters=[small])


async def test_what_is_refused_for_its_size_is_not_written_whole_before(write):
    user, large, slot, dates = await alice(write)
    first = (await write(add_profile, user, timeslots=[slot], filters=large[:1])).id
    await write(copies_of, first, 600)
    before = await write(last_version)

    await refused(write, change_date_list, user, dates, dates=[NOW.date() + n * timedelta(days=1) for n in range(900)])

    assert await write(last_version) - before < 300


async def copies_of(session, profile, many):
    """Add more profiles like one, without their documents."""
    copied = (
        "insert into profiles (user_id, timeslot_id) select user_id, timeslot_id from profiles, generate_series(1, :n)"
    )
    await session.execute(text(copied), {"n": many})
    for link, column in (("profile_timeslots", "timeslot_id"), ("profile_filters", "filter_id")):
        its = f"select p.id, l.{column} from profiles p, {link} l where l.profile_id = :pk and p.id != :pk"
        await session.execute(text(f"insert into {link} (profile_id, {column}) {its}"), {"pk": profile})


async def test_who_is_full_can_be_made_inactive_and_have_less(write, full):
    user, large, _, _, last = full
    await write(set_active, "alice", active=False)
    await write(change_profile, user, last, Wish(filters=large[:1]))


async def test_a_public_filter_grows_only_where_those_who_use_it_have_room(write, full):
    user, _, slot, *_ = full
    other = (await write(add_user, "other")).id
    public = (await write(add_filter, other, "public", SMALL, public=True)).id
    await write(add_profile, user, timeslots=[slot], filters=[public])
    await refused(write, change_filter, other, public, filter_=LARGE)
    await write(change_filter, other, public, filter_=Filter(maxlevel=2))


async def test_tasks_count_for_who_made_them_until_they_have_ended(write, full):
    user, large, *_ = full
    ended = {"starts_at": NOW - 2 * HOUR, "ends_at": NOW - HOUR}
    other = (await write(add_user, "other")).id
    public = (await write(add_filter, other, "public", LARGE, public=True)).id
    await write(add_maintenance, other, filters=[public])
    task = (await write(add_maintenance, user, filters=[large[0]], **ended)).id
    await refused(write, change_maintenance, user, task, ends_at=NOW + HOUR)


async def test_documents_of_a_version_before_are_measured_when_it_is_asked(write, full):
    user, large, slot, *_ = full
    await write(forget)
    await refused(write, add_profile, user, timeslots=[slot], filters=large[:1])


async def forget(session):
    for table in (ProfileRow, MaintenanceRow):
        await session.execute(update(table).values(document_bytes=None))
