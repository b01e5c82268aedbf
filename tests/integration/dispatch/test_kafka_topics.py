"""Kafka topics of other people."""

import asyncio
import json
from uuid import UUID

import pytest
from pydantic import ValidationError

from argus_dispatch.media.addresses import ForbiddenAddress
from argus_dispatch.media.kafka import open_kafka
from argus_dispatch.settings import Settings
from argus_local.ports import free_port
from argus_media import Letter, MediumUnavailable, Undeliverable
from argus_media.bundled.kafka import KafkaSettings
from argus_runtime.kafka import Kafka
from argus_runtime.kafka.foreign import send_abroad
from argus_schemas.topics import Topic
from tests.builders import a_notification
from tests.eventually import eventually

LOOPBACK = {"webhook_allow": "127.0.0.0/8,::1/128"}


async def send(brokers, topic="team.incidents", **settings):
    async with open_kafka(Settings(**(LOOPBACK | settings))) as medium:
        destination = medium.settings.model_validate({"address": f"{brokers}/{topic}"})
        await medium.send(Letter(a_notification(id=UUID(int=17)), destination))


async def test_a_topic_gets_one_record_by_incident_with_the_notifications_id(kafka_server, prefix):
    topic: Topic[bytes] = Topic("team.incidents", None, "incident", partitions=1)
    async with Kafka(Settings(bootstrap_servers=kafka_server, prefix=prefix)) as kafka:
        await (await kafka.admin()).create([topic])
        await send(kafka_server, f"{prefix}team.incidents")
        reader = await kafka.reader(topic)
        batches = await eventually(reader.batches)
        await reader.close()

    ((record, *_),) = batches.values()
    assert record.key == b"49"
    assert dict(record.headers)["notification"] == str(UUID(int=17)).encode()
    assert json.loads(record.value)["data"]["incident"]["description"] == "Box down"


async def test_brokers_that_are_away_may_come_back():
    with pytest.raises(MediumUnavailable):
        await send(f"127.0.0.1:{free_port()}")


async def silent(reader, writer):
    await reader.read()
    writer.close()


async def test_brokers_that_say_nothing_are_abandoned_in_time():
    server = await asyncio.start_server(silent, "127.0.0.1", at := free_port())
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await send(f"127.0.0.1:{at}")
    finally:
        server.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.1.2.3", "169.254.169.254"])
async def test_brokers_at_addresses_that_are_not_public_are_not_reached(host):
    with pytest.raises(Undeliverable, match="not a public address"):
        await send(f"{host}:9092", webhook_allow="")


async def test_a_broker_that_names_others_at_forbidden_addresses_is_not_followed(kafka_server):
    asked = []

    async def check(host):
        asked.append(host)
        if len(asked) > 1:
            raise ForbiddenAddress(f"{host} is not a public address")
        return host

    host, port = kafka_server.split(":")
    with pytest.raises(ForbiddenAddress):
        await send_abroad([(host, int(port))], "team.incidents", b"49", b"{}", headers=[], check=check)


@pytest.mark.parametrize(
    "address", ["", "host:9092", "host/topic", "host:0/t", "host:99999/t", "a:1,,b:2/t", "h:1/t/t"]
)
def test_what_is_no_address_of_a_topic_is_refused(address):
    with pytest.raises(ValidationError):
        KafkaSettings(address=address)
