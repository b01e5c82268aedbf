"""Kafka goes away and comes back, or has nothing that we can read."""

import asyncio
from pathlib import Path
from signal import SIGTERM

import aiohttp
import pytest
from aiohttp import web

from argus_dispatch.share import MOST_UNREADABLE_IN_A_ROW
from argus_local.kafka import Kafka
from argus_local.server import running
from argus_schemas.topics import NOTIFICATIONS
from tests.eventually import eventually
from tests.integration.dispatch.installation import AT_ONCE, an_installation, refuses


async def fine(_posted):
    return web.Response(status=204)


@pytest.mark.long  # tests/faults shows it for all services together
async def test_while_kafka_is_away_nothing_is_sent_and_all_goes_on_when_it_is_back(tmp_path: Path, sink, prefix):
    with running(Kafka(tmp_path / "kafka")) as server:
        async with an_installation(f"127.0.0.1:{server.server.port}", prefix, tmp_path) as installation:
            for destination in range(1, 7):
                await installation.destination(destination, url=sink.url())
            dispatch = await installation.start(retry_scale=0.5)
            sink.answer = refuses(503)
            sent = [await installation.order(n, destination=n % 6 + 1, incident=n) for n in range(1, 31)]

            async def all_wait():
                return len([one for one in await installation.deliveries() if one.state == "retrying"]) >= 30

            await eventually(all_wait)
            await asyncio.to_thread(server.kill)
            sink.answer = fine
            before = len(sink.posted)

            async def not_ready():
                return not await dispatch.ready()

            await eventually(not_ready, within=20)
            assert len(sink.posted) - before <= 6 * AT_ONCE  # those whose attempt was on record
            await asyncio.to_thread(server.start)

            await eventually(dispatch.ready, within=30)
            await eventually(lambda: {posted.id for posted in sink.posted[30:]} == {one.id for one in sent}, within=30)

            async def all_sent():
                return {one.notification for one in await installation.deliveries() if one.state == "sent"}

            await eventually(all_sent, within=20)
            assert dispatch.process.poll() is None

            await asyncio.to_thread(server.kill)
            dispatch.signal(SIGTERM)
            await asyncio.to_thread(dispatch.process.wait, 10)
            await asyncio.to_thread(server.start)


async def test_a_dispatcher_that_finds_no_kafka_waits_unready_and_can_be_stopped(installation, free_port):
    dispatch = installation.launch(kafka_bootstrap_servers=f"127.0.0.1:{free_port}")

    async def says_why():
        async with aiohttp.ClientSession() as session, session.get(dispatch.url("/health/ready")) as answer:
            assert answer.status == 503
            return "127.0.0.1" in (await answer.json())["checks"]["kafka"]["detail"]

    async def answers():
        try:
            return await says_why()
        except aiohttp.ClientError:
            return False

    await eventually(answers, within=30)
    dispatch.signal(SIGTERM)
    assert await asyncio.to_thread(dispatch.process.wait, 10) == 0


async def test_a_dispatcher_that_can_read_nothing_stops_burying_and_stays_unready(installation, sink):
    await installation.destination(4, url=sink.url())
    dispatch = await installation.start()
    await asyncio.gather(
        *[
            await installation.producer.send(NOTIFICATIONS, "4", b"not json", partition=0)
            for _ in range(MOST_UNREADABLE_IN_A_ROW + 1)
        ]
    )

    async def says_why():
        async with aiohttp.ClientSession() as session, session.get(dispatch.url("/health/ready")) as answer:
            check = (await answer.json())["checks"].get("dead letters")
            return check is not None and not check["ok"] and "101 dead letters in a row" in check["detail"]

    await eventually(says_why, within=20)
    assert dispatch.process.poll() is None
    dispatch.signal(SIGTERM)
    assert await asyncio.to_thread(dispatch.process.wait, 10) == 0
