"""A broker that goes away and comes back: everybody goes on by himself, and nothing confirmed is missing."""

import asyncio
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from argus_runtime.broadcast import Broadcast
from argus_runtime.errors import LogUnavailable, PipelineError
from argus_runtime.health import Health
from argus_runtime.kafka import Kafka, Partition
from argus_runtime.settings import KafkaSettings
from argus_schemas.configuration import Destination
from argus_schemas.topics import CATALOGUE, DESTINATIONS, IDS, INCIDENT_EVENTS, NOTIFICATIONS
from tests.eventually import eventually

# The whole system's outages are in tests/faults; these show how its parts bear them.
pytestmark = pytest.mark.long

SECONDS_TO_AN_ANSWER = 5.0
PATIENCE = 40
"""Seconds, on a machine that does other things too; what is asked of a send is not this."""


@pytest.fixture
def settings(broker, prefix):
    address = broker.server.bootstrap_servers
    return KafkaSettings(bootstrap_servers=address, prefix=prefix, session_timeout=6.0, heartbeat=0.5)


@pytest.fixture
async def kafka(settings):
    async with Kafka(settings) as kafka:
        await (await kafka.admin()).create(CATALOGUE)
        yield kafka


class Stream:
    """Sends numbers to a topic as fast as a user would, and remembers what was confirmed and what failed."""

    def __init__(self, producer):
        self.producer = producer
        self.confirmed = []
        self.failed = []
        self.slowest = 0.0

    async def run(self):
        number = 0
        while True:
            number += 1
            began = time.monotonic()
            try:
                await (await self.producer.send(NOTIFICATIONS, str(number % 20), str(number).encode()))
            except LogUnavailable:
                self.failed.append(number)
            else:
                self.confirmed.append(number)
            self.slowest = max(self.slowest, time.monotonic() - began)
            await asyncio.sleep(0.005)


class Collector:
    """A consumer that commits all that it reads."""

    def __init__(self, consumer):
        self.consumer = consumer
        self.read = []

    async def run(self):
        while True:
            batches = await self.consumer.batches(0.5, 500)
            for records in batches.values():
                self.read += [int(record.value) for record in records]
            with suppress(PipelineError):
                await self.consumer.commit({at: records[-1].offset + 1 for at, records in batches.items()})


async def away(broker, how, seconds):
    """Take the broker away for a while, by stopping, killing or freezing it."""
    if how == "frozen":
        broker.signal(signal.SIGSTOP)
    else:
        await asyncio.to_thread(getattr(broker, how))
    await asyncio.sleep(seconds)  # the outage itself, not a wait of the test
    if how == "frozen":
        broker.signal(signal.SIGCONT)
    else:
        await asyncio.to_thread(broker.start)


OUTAGES = [
    pytest.param("kill", 5, id="killed"),
    pytest.param("frozen", 8, id="frozen"),
    pytest.param("stop", 20, id="stopped for 20 s", marks=pytest.mark.long),
    pytest.param("frozen", 20, id="frozen for 20 s", marks=pytest.mark.long),
    pytest.param("kill", 20, id="killed for 20 s", marks=pytest.mark.long),
    pytest.param("stop", 5, id="stopped", marks=pytest.mark.long),
]


@pytest.mark.parametrize(("how", "seconds"), OUTAGES)
async def test_everybody_goes_on_after_an_outage(kafka, broker, how, seconds):
    health, stop = Health(), asyncio.Event()
    await kafka.verify_catalogue(stop=stop, check=health.check("kafka"))
    stream = Stream(await kafka.producer())
    collector = Collector(await kafka.consumer(NOTIFICATIONS, group="g"))
    broadcast = Broadcast(kafka, DESTINATIONS)
    await broadcast.load()
    tasks = [asyncio.ensure_future(work) for work in (stream.run(), collector.run(), broadcast.follow())]
    try:
        await eventually(lambda: len(collector.read) > 50, within=PATIENCE)

        going = asyncio.ensure_future(away(broker, how, seconds))
        await eventually(lambda: not health.ready, within=PATIENCE)
        await eventually(lambda: stream.failed, within=PATIENCE)
        await going

        await eventually(lambda: health.ready, within=PATIENCE)
        await _published(kafka, 1)
        await eventually(lambda: broadcast.documents, within=PATIENCE)
        assert (broadcast.age or 0) < 5
        sent = len(stream.confirmed)
        await eventually(lambda: len(stream.confirmed) > sent + 50, within=PATIENCE)
        tasks[0].cancel()
        await eventually(lambda: set(collector.read) >= set(stream.confirmed), within=PATIENCE)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert [task for task in tasks if not task.cancelled()] == []
    assert stream.slowest < SECONDS_TO_AN_ANSWER


async def test_while_the_broker_is_away_every_send_fails_in_time(kafka, broker):
    producer = await kafka.producer()
    await (await producer.send(IDS, "k", b"before"))
    broker.kill()

    for topic in (IDS, NOTIFICATIONS):  # the producer knows the partitions of the first alone
        began = time.monotonic()
        sends = await asyncio.gather(*[_sent(producer, topic) for _ in range(50)], return_exceptions=True)

        assert all(isinstance(outcome, LogUnavailable) for outcome in sends)
        assert time.monotonic() - began < SECONDS_TO_AN_ANSWER


async def test_a_producer_made_while_the_broker_is_away_connects_by_itself(kafka, broker):
    broker.stop()
    producer = await kafka.producer()
    with pytest.raises(LogUnavailable):
        await _sent(producer, IDS)

    await asyncio.to_thread(broker.start)

    async def sent():
        try:
            return await _sent(producer, IDS)
        except LogUnavailable as error:
            raise AssertionError from error

    assert await eventually(sent, within=PATIENCE)


async def test_a_service_started_before_the_broker_waits_and_says_so_once(settings, broker, caplog):
    broker.stop()
    health, stop = Health(), asyncio.Event()
    async with Kafka(settings) as kafka:
        waiting = asyncio.ensure_future(kafka.verify_catalogue([IDS], stop=stop, check=health.check("kafka")))
        await eventually(lambda: "waiting for Kafka" in caplog.text)
        assert not health.ready

        await asyncio.to_thread(broker.start)
        async with Kafka(settings) as operator:
            admin = await operator.admin()
            await eventually(lambda: _created(admin), within=PATIENCE)

        assert await asyncio.wait_for(waiting, 20)
        assert health.ready
    assert caplog.text.count("Unable to bootstrap") <= 3


async def test_a_transaction_that_the_broker_leaves_in_the_middle_is_not_visible(kafka, broker):
    lane = await kafka.transactional("lane", seconds=2.0)
    await lane.start()

    with pytest.raises(PipelineError):  # noqa: PT012  the block is what is tested
        async with lane.transaction():
            await lane.send(NOTIFICATIONS, "17", b"never")
            broker.kill()
            await lane.send(IDS, "k", b"never")

    await asyncio.to_thread(broker.start)
    await lane.close()
    successor = await kafka.transactional("lane")
    await asyncio.wait_for(successor.start(), 30)
    async with successor.transaction():
        await successor.send(NOTIFICATIONS, "17", b"tell")

    async def seen():
        reader = await kafka.reader(NOTIFICATIONS, committed=True)
        try:
            return [record.value async for record in reader.to_end()]
        finally:
            await reader.close()

    assert await eventually(seen) == [b"tell"]


async def test_a_text_without_records_is_committed_in_spite_of_a_restart(kafka, broker):
    """So says a matcher that a record, alone in hand, has done its part."""
    lane, partition = await kafka.transactional("lane"), Partition(kafka.name(INCIDENT_EVENTS), 0)
    await lane.start()
    async with lane.transaction():
        lane.send_offsets({partition: 0}, "matcher", {partition: "alone"})

    async with lane.transaction():
        lane.send_offsets({partition: 0}, "matcher", {partition: "done"})
        broker.kill()
        starting = asyncio.ensure_future(asyncio.to_thread(broker.start))
    await starting

    async with kafka.outsider("matcher") as outsider:
        assert await outsider.committed_marks([partition]) == {partition: (0, "done")}


SERVICE = """
import asyncio
from argus_runtime import lifecycle
from argus_runtime.broadcast import Broadcast
from argus_runtime.kafka import Kafka
from argus_runtime.settings import ServiceSettings
from argus_schemas.topics import DESTINATIONS, IDS, NOTIFICATIONS

async def run(settings, stop, health):
    async with Kafka(settings) as kafka:
        await kafka.verify_catalogue(stop=stop, check=health.check("kafka"))
        producer = await kafka.producer()
        consumers = [await kafka.consumer(topic, group="g") for topic in (IDS, NOTIFICATIONS)]
        broadcast = Broadcast(kafka, DESTINATIONS)
        following = asyncio.ensure_future(broadcast.follow())
        await (await producer.send(IDS, "k", b"x"))
        print("running", flush=True)
        while not stop.is_set():
            for consumer in consumers:
                await consumer.batches(0.2, 100)
        following.cancel()

if __name__ == "__main__":
    lifecycle.main(run, ServiceSettings)
"""


@pytest.mark.parametrize("how", ["kill", "frozen", None])
async def test_a_service_stops_in_time_whatever_the_broker_does(kafka, broker, settings, how):
    environment = {
        "ARGUS_KAFKA_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "ARGUS_PREFIX": settings.prefix,
        "ARGUS_METRICS_PORT": "0",
    }
    service = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVICE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert service.stdout is not None
        assert await asyncio.wait_for(service.stdout.readline(), PATIENCE) == b"running\n"
        if how is not None:
            broker.signal(signal.SIGSTOP) if how == "frozen" else broker.kill()
        asked_at = time.monotonic()
        service.terminate()

        _, said = await asyncio.wait_for(service.communicate(), PATIENCE)
    finally:
        if service.returncode is None:
            service.kill()
    assert time.monotonic() - asked_at < 10
    assert service.returncode == 0, said.decode()


async def _sent(producer, topic):
    return await (await producer.send(topic, "k", b"x"))


async def _created(admin):
    try:
        await admin.create(CATALOGUE)
    except LogUnavailable:
        return False
    return True


async def _published(kafka, version):
    producer = await kafka.producer()
    document = Destination(pk=1, version=version, owner=1, medium="email")

    async def sent():
        try:
            return await (await producer.send(DESTINATIONS, "destination:1", document))
        except LogUnavailable:
            return None

    await eventually(sent, within=PATIENCE)
