"""`argus positions` shows who stands outside the log, and tells them where to go on."""

import asyncio
import signal
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete

from argus_database.engine import open_database
from argus_database.positions import set_positions
from argus_runtime.kafka import Kafka, Partition
from argus_runtime.settings import KafkaSettings
from argus_schemas.topics import INCIDENT_EVENTS, INCIDENT_STATES, NOTIFICATIONS, Topic, reports_topic
from tests.eventually import eventually
from tests.stack import Servers, running_stack

REPORTS = reports_topic("nav1")


@pytest.fixture
def servers(argus, kafka_server, database_url, prefix):
    return Servers(kafka=kafka_server, database=database_url, prefix=prefix, smtp_port=1)


@dataclass
class Said:
    """The command, run beside what goes on in the test's loop."""

    run: Any
    run_json: Any
    standings: list[dict[str, Any]] = field(default_factory=list)

    async def lost(self) -> list[tuple[str, str, int]]:
        found = await asyncio.to_thread(self.run_json, "positions", code=3)
        return [(one["reader"], one["topic"], one["partition"]) for one in found if one["lost"]]

    async def of(self, reader: str, place: Partition) -> dict[str, Any]:
        found = await asyncio.to_thread(self.run_json, "positions")
        assert not [one for one in found if one["lost"]]
        return next(one for one in found if (one["reader"], one["topic"], one["partition"]) == (reader, *place))

    async def set(self, *words: str, code: int = 0) -> str:
        return str((await asyncio.to_thread(self.run, "positions", "set", *words, code=code)).output)


@pytest.fixture
def said(argus, argus_json):
    return Said(argus, argus_json)


@dataclass
class Log:
    """What the tests do to the log."""

    kafka: Kafka
    servers: Servers

    async def append(self, topic: Topic[Any], many: int) -> Partition:
        """Append records that nobody can read; return their partition."""
        producer = await self.kafka.producer()
        places = [await (await producer.send(topic, "4", b"no record")) for _ in range(many)]
        return places[0].partition

    async def cut(self, place: Partition, before: int) -> None:
        """Let the log begin later, as its retention does."""
        client = AIOKafkaAdminClient(bootstrap_servers=self.servers.kafka)
        await client.start()
        await client.delete_records({TopicPartition(*place): RecordsToDelete(before_offset=before)})
        await client.close()

    async def position(self, group: str, place: Partition) -> int | None:
        return (await (await self.kafka.admin()).positions(group)).get(place)


@pytest.fixture
async def log(servers):
    async with Kafka(KafkaSettings(bootstrap_servers=servers.kafka, prefix=servers.prefix)) as kafka:
        yield Log(kafka, servers)
        admin = await kafka.admin()
        await admin.delete(await admin.topics())


async def test_a_store_that_runs_goes_on_where_it_is_told(said, log, servers, tmp_path):
    async with running_stack(tmp_path, servers) as stack:
        place = await log.append(INCIDENT_EVENTS, 5)
        async with open_database(servers.database) as sessions, sessions.begin() as session:
            await set_positions(session, {place: 1})
        await log.cut(place, 3)
        store = stack.start("store")

        async def stops() -> bool:
            report = await store.report()
            return "`argus positions set`" in str(report) and not report["ready"]

        await eventually(stops, within=40)
        assert await said.lost() == [("store", *place)]
        output = await said.set("store", f"incident-events[{place.partition}]", "--earliest")
        assert f"{place}: 1 -> 3" in output
        assert "`argus verify`" in output

        await stack.is_ready(store)
        await eventually(lambda: stands(said, "store", place, 5), within=20)

        assert "change no row" in await said.set("store", str(place), "--offset", "4")
        await eventually(lambda: stands(said, "store", place, 5), within=20)  # though no record comes


async def stands(said: Said, reader: str, place: Partition, position: int) -> bool:
    found = await said.of(reader, place)
    return (found["position"], found["lag"]) == (position, found["end"] - position)


@pytest.mark.parametrize(("service", "topic"), [("matcher", INCIDENT_EVENTS), ("dispatch", NOTIFICATIONS)])
async def test_a_service_goes_on_where_it_is_told_once_it_is_started_again(
    said, log, servers, tmp_path, service, topic
):
    async with running_stack(tmp_path, servers) as stack:
        place = await log.append(topic, 5)
        await log.kafka.move(service, {place: 1})
        await log.cut(place, 3)
        member = stack.start(service)

        async def stops() -> bool:
            report = await member.report()
            return "`argus positions set`" in str(report) and not report["ready"]

        await eventually(stops, within=40)
        assert await said.lost() == [(service, *place)]
        await said.set(service, f"{place}", "--earliest")
        member.signal(signal.SIGTERM)  # its supervisor starts it again

        await stack.is_ready(member)
        await eventually(lambda: stands(said, service, place, 5), within=20)


async def test_a_topic_of_reports_that_is_lost_holds_up_no_other(said, log, servers, tmp_path):
    async with running_stack(tmp_path, servers) as stack:
        await stack.source("nav1")
        await stack.source("nav2")
        stack.start("api")  # publishes the sources
        admin = await log.kafka.admin()
        await admin.create([REPORTS, reports_topic("nav2")])
        place, other = await log.append(REPORTS, 5), await log.append(reports_topic("nav2"), 2)
        await log.kafka.move("ingest", {place: 1})
        await log.cut(place, 3)
        ingest = stack.start("ingest")

        async def stands_still() -> bool:
            report = await ingest.report()
            return bool(report) and report["ready"] and "`argus positions set`" in str(report["checks"]["positions"])

        await eventually(stands_still, within=40)
        await eventually(lambda: at(log, other, 2), within=20)
        assert await said.lost() == [("ingest", *place)]
        refused = await said.set("ingest", REPORTS.name, "--earliest", code=1)
        assert "Stop every ingest" in refused
        await stack.stop("ingest")
        assert "never become incidents" in await said.set("ingest", REPORTS.name, "--latest")

        stack.start("ingest")
        await log.append(REPORTS, 1)
        await eventually(lambda: at(log, place, 6), within=40)


async def at(log: Log, place: Partition, position: int) -> bool:
    return await log.position("ingest", place) == position


async def test_a_matcher_with_states_but_no_position_is_lost(said, log, servers, tmp_path):
    async with running_stack(tmp_path, servers):
        place = await log.append(INCIDENT_EVENTS, 2)
        producer = await log.kafka.producer()
        await (await producer.send(INCIDENT_STATES, "k", b"{}", partition=place.partition))

        assert await said.lost() == [("matcher", *place)]

        assert f"{place}: - -> 1" in await said.set("matcher", str(place), "--offset", "1")
        assert (await said.of("matcher", place))["lag"] == 1


async def test_what_cannot_be_is_refused_and_says_why(said, log, servers, tmp_path):
    async with running_stack(tmp_path, servers):
        place = await log.append(INCIDENT_EVENTS, 2)

        assert "Readers are ingest, store, matcher, dispatch" in await said.set("nobody", "x", "--earliest", code=2)
        assert "It reads notifications." in await said.set("dispatch", "incident-events", "--earliest", code=2)
        assert "It has 0 to 5." in await said.set("matcher", "incident-events[6]", "--earliest", code=2)
        assert "It has 0 to 2." in await said.set("matcher", str(place), "--offset", "3", code=2)
        assert "one partition's" in await said.set("matcher", "incident-events", "--offset", "0", code=2)
        assert "say one of" in await said.set("matcher", "incident-events", code=2)
        assert "say one of" in await said.set("matcher", "incident-events", "--latest", "--earliest", code=2)
        assert await log.position("matcher", place) is None
