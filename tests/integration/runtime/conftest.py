"""A Kafka of each test's own names, with the topics of the catalogue."""

import signal

import pytest

from argus_local.kafka import Kafka as Broker
from argus_local.server import Running
from argus_runtime.kafka import Kafka
from argus_runtime.settings import KafkaSettings
from argus_schemas.topics import CATALOGUE


@pytest.fixture
def settings(kafka_server, prefix):
    return KafkaSettings(bootstrap_servers=kafka_server, prefix=prefix, session_timeout=3.0, heartbeat=0.3)


@pytest.fixture
async def kafka(settings):
    async with Kafka(settings) as kafka:
        admin = await kafka.admin()
        await admin.create(CATALOGUE)
        yield kafka
        await admin.delete(await admin.topics())


@pytest.fixture
def broker(tmp_path):
    """A Kafka of the test's own, which it may stop, kill or freeze."""
    server = Broker(tmp_path)
    server.prepare()
    running = Running(server)
    running.start()
    yield running
    running.signal(signal.SIGCONT)
    running.stop()
