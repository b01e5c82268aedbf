"""A client whose broker is gone asks for it again and again, but leaves the machine to others."""

import asyncio
from contextlib import asynccontextmanager, suppress

from argus_runtime.errors import PipelineError
from argus_runtime.kafka import Kafka
from argus_runtime.settings import KafkaSettings
from argus_schemas.topics import CATALOGUE, NOTIFICATIONS
from tests.eventually import eventually

SECONDS_WATCHED = 2.0
MOST_KNOCKS = 100
"""In these seconds, of one producer: a client without pauses knocks some thousand times."""


class Door:
    """Stands where the broker stood, counts who knocks and lets nobody in."""

    def __init__(self):
        self.knocks = 0

    def knock(self, _reader, writer):
        self.knocks += 1
        writer.close()

    @asynccontextmanager
    async def at(self, port):
        async with await asyncio.start_server(self.knock, "127.0.0.1", port):
            yield


async def _keep_sending(send):
    while True:
        with suppress(PipelineError):
            await send()
        await asyncio.sleep(0.01)


async def test_a_producer_knocks_with_pauses_where_its_broker_was_stopped_in_order(broker, prefix):
    door, settings = Door(), KafkaSettings(bootstrap_servers=broker.server.bootstrap_servers, prefix=prefix)
    async with Kafka(settings) as kafka:
        await (await kafka.admin()).create(CATALOGUE)
        producer = await kafka.producer()

        async def send():
            await (await producer.send(NOTIFICATIONS, "1", b"one"))

        await send()
        sending = asyncio.create_task(_keep_sending(send))
        # Its last answers say that no partition has a leader any more.
        await asyncio.to_thread(broker.stop)
        async with door.at(broker.server.port):
            await eventually(lambda: door.knocks > 0, within=10)
            await asyncio.sleep(SECONDS_WATCHED)  # the time in which knocks are counted
        sending.cancel()

    assert door.knocks < MOST_KNOCKS
