"""One attempt: what is decided, what is recorded, and in which order."""

import asyncio
import time
from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from pydantic import model_validator

from argus_dispatch.delivery import Deliverer
from argus_dispatch.directory import Directory
from argus_dispatch.journal import Journal
from argus_dispatch.lease import Lease
from argus_dispatch.settings import Settings
from argus_dispatch.telling import Teller
from argus_media import MediumUnavailable, Undeliverable
from argus_media.bundled.webhook import WebhookSettings
from argus_runtime.secrets import Secrets
from tests.builders import NOON, an_event
from tests.eventually import eventually
from tests.unit.dispatch.fakes import (
    FakeBroadcast,
    FakeClock,
    FakeDeadLetters,
    FakeMedium,
    FakeProducer,
    a_destination,
    a_waiting,
)

KEY = b"k" * 32
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


async def no_pause(_seconds: float) -> None:
    await asyncio.sleep(0)


class World:
    """A deliverer and all that it talks to."""

    def __init__(self, *outcomes, destination=None, seconds_to_say_so=1.0, **settings):
        self.producer, self.broadcast, self.clock = FakeProducer(), FakeBroadcast(), FakeClock()
        self.dead_letters = FakeDeadLetters()
        self.medium = FakeMedium(*outcomes)
        self.lease = Lease(100)
        self.lease.renew(float("inf"))
        self.broadcast.add(destination or a_destination())
        directory = Directory(self.broadcast, Secrets([KEY]))
        chosen = Settings(secret_keys=urlsafe_b64encode(KEY).decode(), **settings)
        self.deliverer = Deliverer(
            directory=directory,
            teller=Teller(
                directory, {"fake": self.medium}, chosen.attempt_timeout, faults={"owl": "ImportError: no feathers"}
            ),
            journal=Journal(self.producer, self.dead_letters, no_pause),
            lease=self.lease,
            settings=chosen,
            now=self.clock,
            chance=lambda: 0.5,
            seconds_to_say_so=seconds_to_say_so,
        )

    async def attempt(self, waiting=None, **changes):
        self.waiting = waiting or a_waiting(**changes)
        return await self.deliverer.attempt(3, self.waiting)


async def test_an_attempt_is_on_record_before_and_after_its_effect():
    world = World()

    async def looks():
        assert world.producer.way == [("begun", 1)]
        return 202

    world.medium.outcomes = [looks]
    assert await world.attempt() is None
    assert world.producer.way == [("begun", 1), ("sent", 1)]
    sent = world.producer.deliveries[-1]
    assert (sent.code, sent.medium, sent.owner, sent.profiles, sent.incident) == (202, "fake", 7, (11,), 49)
    assert {partition for partition, _ in world.producer.sent} == {3}


async def test_nothing_is_sent_that_cannot_be_recorded():
    world = World()
    world.producer.away = 3

    async def kafka_is_back():
        assert world.producer.away == 0
        return 200

    world.medium.outcomes = [kafka_is_back]
    await world.attempt()

    assert world.producer.way == [("begun", 1), ("sent", 1)]


async def test_what_was_sent_is_recorded_however_long_kafka_is_away():
    world = World()

    async def then_kafka_goes():
        world.producer.away = 50
        return 200

    world.medium.outcomes = [then_kafka_goes]
    assert await world.attempt() is None
    assert world.producer.way[-1] == ("sent", 1)


async def test_a_failure_that_may_pass_is_tried_again_and_counted():
    world = World(MediumUnavailable("busy", 503), MediumUnavailable("busy", 503))

    assert await world.attempt() == NOON + timedelta(seconds=2)
    assert await world.attempt(world.waiting) == NOON + timedelta(seconds=10)
    assert await world.attempt(world.waiting) is None
    assert world.producer.way == [
        ("begun", 1), ("retrying", 1), ("begun", 2), ("retrying", 2), ("begun", 3), ("sent", 3),
    ]  # fmt: skip
    retrying = world.producer.deliveries[1]
    assert (retrying.next_at, retrying.code, retrying.reason) == (NOON + timedelta(seconds=2), 503, "busy")
    assert [letter.attempt for letter in world.medium.letters] == [1, 2, 3]


async def test_the_other_side_may_ask_for_more_time():
    world = World(MediumUnavailable("busy", 429, retry_after=timedelta(minutes=3)))

    assert await world.attempt() == NOON + timedelta(minutes=3)


async def test_what_no_retry_can_help_is_dead_at_once():
    world = World(Undeliverable("gone", 410))

    assert await world.attempt() is None
    assert world.producer.way == [("begun", 1), ("dead", 1)]
    assert (world.producer.deliveries[-1].code, world.producer.deliveries[-1].reason) == (410, "gone")


async def test_after_a_day_it_is_given_up():
    world = World(MediumUnavailable("busy", 503))
    world.clock.move(24 * 3600)

    assert await world.attempt(attempts=17) is None
    assert world.producer.way == [("begun", 18), ("dead", 18)]
    assert world.producer.deliveries[-1].reason == "given up: busy"


async def test_an_attempt_that_takes_too_long_has_failed():
    world = World(asyncio.Event().wait, attempt_timeout=0.01)

    assert await world.attempt() == NOON + timedelta(seconds=2)
    assert world.producer.deliveries[-1].reason == "no answer within 0.01 s"


async def test_a_fault_of_a_medium_is_a_failure_of_the_attempt_and_of_nothing_else():
    world = World(ZeroDivisionError("secret text"))

    assert await world.attempt() is not None
    assert world.producer.deliveries[-1].reason == "unexpected error: ZeroDivisionError"


async def test_what_the_other_side_says_is_kept_storable():
    world = World(Undeliverable("a\x00b\ud800" + "x" * 5000, 400))

    await world.attempt()

    assert world.producer.deliveries[-1].reason.startswith("a\ufffdb?xxx")
    assert len(world.producer.deliveries[-1].reason) == 2000


async def test_what_was_due_lately_of_an_old_event_is_told():
    world, old = World(), an_event(received_at=NOON - timedelta(hours=25))

    await world.attempt(event=old, purpose="escalation 1", matched_at=NOON)

    assert [letter.notification.purpose for letter in world.medium.letters] == ["escalation 1"]


@pytest.mark.parametrize(
    ("destination", "changes", "reason"),
    [
        ({"owner_active": False}, {}, "the owner is not active"),
        ({"pk": 5}, {}, "the destination was deleted"),
        ({}, {"event": an_event(received_at=NOON - timedelta(hours=25))}, "the event was received more than"),
        ({}, {"purpose": "escalation 1", "matched_at": NOON - timedelta(hours=25)}, "it was due more than"),
    ],
)
async def test_whom_nobody_is_to_tell_is_suppressed_and_says_why(destination, changes, reason):
    world = World(destination=a_destination(**destination))

    assert await world.attempt(**changes) is None
    assert world.producer.way == [("suppressed", 1)]
    assert world.producer.deliveries[0].reason.startswith(reason)
    assert world.medium.letters == []


@pytest.mark.rule(191)
async def test_a_destination_that_is_unknown_is_told_nothing_and_troubles_nobody():
    world = World(destination=a_destination(pk=5))

    assert await world.attempt() is None
    assert (world.producer.way, world.medium.letters, world.dead_letters.buried) == ([("suppressed", 1)], [], [])


@pytest.mark.rule(193)
async def test_nobody_is_told_where_notifications_are_turned_off():
    world = World(send_notifications=False)

    assert await world.attempt() is None
    assert (world.producer.way, world.medium.letters) == ([("suppressed", 1)], [])
    assert world.producer.deliveries[0].reason == "nobody is told here: ARGUS_SEND_NOTIFICATIONS is false"


@pytest.mark.parametrize("changes", [{"replay": 1}, {"attempts": 3}])
async def test_an_old_event_is_told_if_that_is_deliberate_or_was_begun(changes):
    world = World()

    await world.attempt(event=an_event(received_at=NOON - timedelta(hours=25)), **changes)

    assert world.producer.way[-1][0] == "sent"


async def test_a_destination_that_was_just_published_is_found():
    world = World(destination=a_destination(pk=5))
    world.broadcast.publish(a_destination(pk=4))

    await world.attempt()

    assert world.producer.way[-1] == ("sent", 1)


async def test_while_nobody_can_say_whether_a_destination_exists_it_waits():
    world = World(destination=a_destination(pk=5))
    world.broadcast.away = True

    assert await world.attempt() == NOON + timedelta(seconds=1)
    assert world.producer.sent == []
    assert world.waiting.attempts == 0


async def test_one_look_serves_all_unknown_destinations_whose_notifications_were_read_before_it():
    world = World()
    directory = Directory(world.broadcast, Secrets([]))

    read_at = time.monotonic()

    await asyncio.gather(*(directory.find(pk, read_at) for pk in range(100, 200)))
    assert world.broadcast.looks == 1
    await directory.find(100, time.monotonic())
    assert world.broadcast.looks == 2


@pytest.mark.parametrize(
    ("destination", "reason"),
    [
        ({"medium": "pigeon"}, "the medium pigeon is not installed"),
        ({"medium": "owl"}, "the medium owl cannot be used: ImportError: no feathers"),
        ({"settings": {"url": "nowhere"}}, "the settings of the destination are not usable: url"),
        ({"settings": {}}, "the settings of the destination are not usable: url"),
    ],
)
async def test_a_destination_that_cannot_work_is_dead_and_says_why(destination, reason):
    world = World(destination=a_destination(**destination))

    assert await world.attempt() is None
    assert world.producer.way == [("begun", 1), ("dead", 1)]
    assert world.producer.deliveries[-1].reason.startswith(reason)


async def test_a_secret_setting_is_readable_for_its_medium_alone():
    token = Secrets([KEY]).encrypt(SECRET, "destination:4:secret")
    world = World(destination=a_destination(settings={"url": "https://example.org", "secret": token}))

    await world.attempt()

    assert world.medium.letters[0].settings.secret == SECRET
    assert SECRET not in str(world.producer.sent)


@pytest.mark.parametrize(("key", "bound_to"), [(b"x" * 32, "destination:4:secret"), (KEY, "destination:5:secret")])
async def test_a_secret_that_cannot_be_read_is_tried_again_and_raises_an_alarm(key, bound_to, caplog):
    token = Secrets([key]).encrypt(SECRET, bound_to)
    world = World(destination=a_destination(settings={"url": "https://example.org", "secret": token}))

    assert await world.attempt() == NOON + timedelta(seconds=2)
    assert world.producer.way == [("begun", 1), ("retrying", 1)]
    assert [record.levelname for record in caplog.records if "secret" in record.message] == ["ERROR"]
    assert SECRET not in caplog.text


async def test_nothing_begins_without_the_lease():
    world = World()
    world.lease = world.deliverer._lease = Lease(100)
    task = asyncio.create_task(world.attempt())
    for _ in range(20):
        await asyncio.sleep(0)
    assert world.producer.sent == []

    world.lease.renew(float("inf"))
    await task
    assert world.producer.way == [("begun", 1), ("sent", 1)]


async def test_a_medium_makes_no_more_attempts_at_once_than_it_can():
    gate, world = asyncio.Event(), World()

    async def waits():
        await gate.wait()
        return 200

    world.medium.outcomes = [waits] * 5
    tasks = [asyncio.create_task(world.attempt()) for _ in range(5)]
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(world.medium.letters) == world.medium.at_once

    gate.set()
    await asyncio.gather(*tasks)
    assert len(world.medium.letters) == 5


async def test_settings_that_a_medium_cannot_even_look_at_are_a_failure_of_the_attempt():
    class Picky(WebhookSettings):
        @model_validator(mode="before")
        @classmethod
        def looks(cls, given):
            return given["absent"]

    world = World()
    world.medium.settings = Picky

    assert await world.attempt() == NOON + timedelta(seconds=2)
    assert world.producer.deliveries[-1].reason == "unexpected error: KeyError"


async def stopped(world: World, **changes):
    """Cancel an attempt while its medium waits for an answer."""
    world.medium.outcomes = [asyncio.Event().wait]
    task = asyncio.create_task(world.attempt(**changes))
    await eventually(lambda: world.medium.letters, within=2, pause=0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_attempt_that_is_stopped_in_order_was_no_crash():
    world = World()

    await stopped(world)

    assert world.producer.way == [("begun", 1), ("retrying", 1)]
    retrying = world.producer.deliveries[-1]
    assert (retrying.reason, retrying.next_at) == ("dispatch was stopped during the attempt", NOON)


async def test_a_stop_does_not_wait_for_a_kafka_that_is_away():
    world = World(seconds_to_say_so=0.01)

    async def kafka_goes():
        world.producer.away = 1_000_000
        await asyncio.Event().wait()

    world.medium.outcomes = [kafka_goes]
    task = asyncio.create_task(world.attempt())
    await eventually(lambda: world.producer.away, within=2, pause=0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert world.producer.way == [("begun", 1)]


async def test_what_crashed_dispatch_ends_dead_and_as_a_dead_letter_with_its_bytes():
    world = World()
    world.dead_letters.away = 2
    waiting = a_waiting(attempts=5, crashes=3)

    assert await world.deliverer.give_up(3, waiting) is None
    reason = "given up: dispatch crashed 3 times while sending it"
    assert world.dead_letters.buried == [(waiting.record, reason, 5)]
    assert world.producer.way == [("dead", 5)]
    dead = world.producer.deliveries[0]
    assert (dead.reason, dead.owner, dead.medium) == (reason, 7, "fake")
    assert world.medium.letters == []


async def test_an_outcome_ends_the_count_of_crashes():
    world = World(MediumUnavailable("busy", 503))
    waiting = a_waiting(attempts=2, crashes=2)

    await world.attempt(waiting)

    assert (waiting.attempts, waiting.crashes) == (3, 0)
