"""Damping, escalation, quiet and dates that are left out are kept, checked, and published with what embeds them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import insert, inspect

from argus_database.configuration.date_lists import add_date_list, change_date_list, delete_date_list
from argus_database.configuration.destinations import add_destination, delete_destination
from argus_database.configuration.errors import InUse, NoSuch, Refused
from argus_database.configuration.filters import add_filter
from argus_database.configuration.leaving import delete_user
from argus_database.configuration.limits import MOST_NAMED, MOST_NAMED_BY_ALL, MOST_STEPS
from argus_database.configuration.profiles import add_wished, change_profile, own_profiles
from argus_database.configuration.quiet import quiet_until, set_quiet
from argus_database.configuration.timeslots import add_timeslot, change_timeslot, delete_timeslot, own_timeslots
from argus_database.configuration.users import add_user, set_email
from argus_database.configuration.wishes import Wish
from argus_database.tables.profiles import DestinationRow, EscalationStepRow, ProfileRow, step_destinations
from argus_schemas.configuration import Damping, EscalationStep, Filter
from argus_schemas.schedules import Recurrence

WORK = Recurrence(days=(1, 2, 3, 4, 5), start=time(8), end=time(16))
XMAS, NEW_YEAR = date(2026, 12, 25), date(2027, 1, 1)
DAMPING = Damping(changes=4, minutes=10, summary_minutes=30)
DAY = timedelta(days=1)


def encrypt(text: str, bound_to: str) -> str:
    return f"encrypted:{bound_to}:{text[::-1]}"


class World:
    """A user with two profiles over one timeslot that leaves out one list, and a way to write."""

    def __init__(self, sessions, outbox):
        self.sessions = sessions
        self._outbox = outbox

    async def begin(self):
        async with self.sessions.begin() as session:
            self.alice = (await add_user(session, "alice", email="alice@example.org")).id
            self.bob = (await add_user(session, "bob")).id
            hook = {"url": "http://x.example.org/"}
            self.hook = (await add_destination(session, self.alice, "webhook", hook, encrypt=encrypt)).id
            self.list = (await add_date_list(session, self.alice, "holidays", [NEW_YEAR, XMAS, XMAS])).id
            self.slot = (await add_timeslot(session, self.alice, "work", [WORK], exceptions=[self.list])).id
            self.filter = (await add_filter(session, self.alice, "f", Filter(maxlevel=1))).id
            second = Wish("second", timeslots=[self.slot], filters=[self.filter])
            first = replace(second, name="first", damping=DAMPING, escalation=[step(15, self.hook)])
            self.first = (await add_wished(session, self.alice, first)).id
            self.second = (await add_wished(session, self.alice, second)).id
        self.mail = int((await self._outbox())[0][0].partition(":")[2])
        self.keys = [f"profile:{self.first}", f"profile:{self.second}"]
        return self

    async def left(self, write, *args, **kwargs):
        """What a write leaves in the outbox, by key."""
        before = len(await self._outbox())
        async with self.sessions.begin() as session:
            await write(session, *args, **kwargs)
        return dict((await self._outbox())[before:])

    async def published(self, key):
        return dict(await self._outbox())[key]

    async def refused(self, write, *args, **kwargs):
        async with self.sessions() as session:
            with pytest.raises(Refused) as error:
                await write(session, *args, **kwargs)
        return error.value


def step(minutes, *destinations):
    return EscalationStep(after_minutes=minutes, destinations=destinations)


@pytest.fixture
async def world(sessions, outbox):
    return await World(sessions, outbox).begin()


async def test_a_profile_says_when_incidents_flap_and_who_is_told_later(world):
    first, second = [await world.published(key) for key in world.keys]
    assert (first.damping, first.escalation) == (DAMPING, (step(15, world.hook),))
    assert (second.damping, second.escalation) == (None, ())


async def test_damping_and_escalation_stay_until_others_are_wished(world):
    key = world.keys[0]
    assert (await world.left(change_profile, world.alice, world.first, Wish(active=False)))[key].damping == DAMPING
    again = Wish(damping=DAMPING, escalation=[step(15, world.hook)])
    assert await world.left(change_profile, world.alice, world.first, again) == {}
    more = Wish(escalation=[step(15, world.hook), step(60, world.hook)])
    assert len((await world.left(change_profile, world.alice, world.first, more))[key].escalation) == 2
    said = (await world.left(change_profile, world.alice, world.first, Wish(damping=None, escalation=[])))[key]
    assert (said.damping, said.escalation) == (None, ())


@pytest.mark.parametrize(
    ("minutes", "reason"), [((5, 5), "later"), ((9, 5), "later"), (range(1, MOST_STEPS + 2), "no more than 10")]
)
async def test_steps_come_one_after_the_other(world, minutes, reason):
    wish = Wish(escalation=[step(each, world.hook) for each in minutes])
    refused = await world.refused(change_profile, world.alice, world.first, wish)
    assert refused.field == "escalation"
    assert reason in refused.message


async def test_a_step_tells_destinations_of_its_owner_alone(world):
    for wish in (Wish(escalation=[step(5, 4711)]), Wish(escalation=[step(5)])):
        assert (await world.refused(change_profile, world.alice, world.first, wish)).field == "escalation"
    async with world.sessions.begin() as session:
        slot = (await add_timeslot(session, world.bob, "any", [WORK])).id
        filter_ = (await add_filter(session, world.bob, "any", Filter(maxlevel=1))).id
    wish = Wish(timeslots=[slot], filters=[filter_], escalation=[step(5, world.hook)])
    assert isinstance(await world.refused(add_wished, world.bob, wish), NoSuch)


async def test_destinations_of_steps_count_among_what_the_profiles_of_a_user_name(world, sessions):
    def rows(number, **row):
        return [{**row, "user_id": world.alice} for _ in range(number)]

    async with sessions.begin() as session:
        hooks = insert(DestinationRow).returning(DestinationRow.id)
        pks = (await session.scalars(hooks, rows(MOST_NAMED, media="webhook", settings={}))).all()
        profiles = insert(ProfileRow).returning(ProfileRow.id)
        many = await session.scalars(profiles, rows(MOST_NAMED_BY_ALL // MOST_NAMED, timeslot_id=world.slot))
        later = insert(EscalationStepRow).returning(EscalationStepRow.id)
        steps = await session.scalars(later, [{"profile_id": pk, "after_minutes": 5} for pk in many.all()])
        links = [{"escalation_step_id": each, "destination_id": pk} for each in steps.all() for pk in pks]
        await session.execute(insert(step_destinations), links)
    wish = Wish(escalation=[step(15, world.hook), step(60, world.hook)])
    refused = await world.refused(change_profile, world.alice, world.first, wish)
    assert str(refused) == f"The profiles of one user can name at most {MOST_NAMED_BY_ALL} things together."


async def test_a_destination_of_a_step_is_in_use(world):
    refused = await world.refused(delete_destination, world.alice, world.hook)
    assert isinstance(refused, InUse)
    assert "first" in refused.message


async def test_the_destination_of_an_address_that_is_given_up_leaves_the_steps_too(world):
    steps = Wish(escalation=[step(5, world.mail), step(10, world.mail, world.hook)])
    await world.left(change_profile, world.alice, world.first, steps)
    said = await world.left(set_email, "alice", "")
    assert said[world.keys[0]].escalation == (step(10, world.hook),)
    assert said[f"destination:{world.mail}"] is None


async def test_a_date_list_that_changes_publishes_every_profile_whose_timeslot_leaves_it_out(world):
    (exceptions,) = {(await world.published(key)).timeslots[0].exceptions for key in world.keys}
    assert [(each.name, each.dates) for each in exceptions] == [("holidays", (XMAS, NEW_YEAR))]
    said = await world.left(change_date_list, world.alice, world.list, dates=[XMAS])
    assert list(said) == world.keys
    assert {each.timeslots[0].exceptions[0].dates for each in said.values()} == {(XMAS,)}
    assert await world.left(change_date_list, world.alice, world.list, name="holidays", dates=[XMAS, XMAS]) == {}


async def test_who_lists_timeslots_or_profiles_is_spared_the_dates_that_they_leave_out(world):
    async with world.sessions() as session:
        slots = list(await own_timeslots(session, world.alice))
        slots += [profile.timeslot for profile in await own_profiles(session, world.alice)]
    lists = [each for slot in slots for each in slot.exceptions]
    assert {each.id for each in lists} == {world.list}
    assert all("dates" in inspect(each).unloaded for each in lists)


async def test_a_timeslot_leaves_out_what_its_owner_has_alone(world):
    said = await world.left(change_timeslot, world.alice, world.slot, exceptions=[])
    assert {each.timeslots[0].exceptions for each in said.values()} == {()}
    refused = await world.refused(add_timeslot, world.bob, "mine", [WORK], exceptions=[world.list])
    assert (refused.field, isinstance(refused, NoSuch)) == ("exceptions", True)


async def test_a_date_list_in_use_stays(world):
    refused = await world.refused(delete_date_list, world.alice, world.list)
    assert str(refused) == "Cannot delete this date list since it is in use in the timeslot(s): work."
    await world.left(delete_timeslot, world.alice, world.slot)
    assert await world.left(delete_date_list, world.alice, world.list) == {}


async def test_who_is_quiet_says_so_in_each_of_its_profiles(world, sessions):
    until = datetime.now(UTC) + DAY
    said = await world.left(set_quiet, world.alice, until)
    assert {key: each.quiet_until for key, each in said.items()} == dict.fromkeys(world.keys, until)
    assert await world.left(set_quiet, world.alice, until) == {}
    async with sessions() as session:
        assert await quiet_until(session, world.alice) == until
        assert await quiet_until(session, world.bob) is None
    assert {each.quiet_until for each in (await world.left(set_quiet, world.alice, None)).values()} == {None}


@pytest.mark.parametrize("ahead", [-DAY, timedelta(0), 31 * DAY])
async def test_nobody_is_quiet_until_what_is_past_or_far_ahead(world, ahead):
    assert (await world.refused(set_quiet, world.alice, datetime.now(UTC) + ahead)).field == "until"


async def test_who_leaves_takes_steps_and_date_lists_along(world):
    said = await world.left(delete_user, "alice")
    assert {said[key] for key in world.keys} == {None}
