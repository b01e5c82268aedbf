"""Everything keeps its promises while processes are killed, paused and joined."""

import asyncio
import json
from collections import Counter
from functools import partial

import aiohttp
import psycopg
import pytest

from tests.eventually import eventually
from tests.faults.load import Caller, lasts, over_http, over_kafka
from tests.log import glue
from tests.pipeline.clients import incidents_of, reported
from tests.stack import SESSION_SECONDS

IN_FLIGHT = 2 * (4 + 4)
"""To each of two destinations four messages at once, and as many whose sending is being recorded."""


@pytest.mark.parametrize("count", [300, pytest.param(2000, marks=pytest.mark.long)])
@pytest.mark.timeout(600)
async def test_kills_pauses_and_joins_lose_nothing_and_repeat_only_what_was_in_flight(stack, mails, count):
    http, kafka = await stack.source("http"), await stack.source("kafka")
    await stack.person("alice", {"sourceSystemIds": [http.pk]})
    await stack.person("bob", {"sourceSystemIds": [kafka.pk]})
    names = [f"i{number}" for number in range(count // 2)]

    async with aiohttp.ClientSession() as session, glue(stack.servers.kafka) as producer:
        await reported(stack, kafka)
        caller = Caller(lambda: stack.members["ingest"].url, http, session)
        await asyncio.gather(
            over_http(caller, names), over_kafka(producer, kafka, names, pause=25.0 / len(names)), _chaos(stack)
        )
    await stack.all_ready()

    api = stack.members["api"].url
    for source in (http, kafka):
        await eventually(partial(_all_closed, api, source, names), within=60, pause=0.5)
    await eventually(lambda: len(mails.once()) >= 4 * len(names), within=120, pause=0.5)
    await _each_has_its_events(stack, 2 * len(names))
    _each_was_told_in_order(mails, names)
    verdict = json.loads(await stack.argus("verify", "--json"))
    assert not verdict["findings"], verdict


async def _chaos(stack):
    """Kill each once, let others join, and pause one of each past its session timeout."""
    members = stack.members
    await lasts(2)
    for name in ("store", "matcher", "dispatch"):
        members[name].kill()
        await lasts(1.5)
    stack.start("store", "store-2")
    stack.start("matcher", "matcher-2")
    await stack.all_ready()
    paused = [members[name] for name in ("store", "matcher", "dispatch")]
    for member in paused:
        member.pause()
    await lasts(SESSION_SECONDS + 4)
    for member in paused:
        member.resume()


async def _all_closed(api, source, names):
    found = Counter(
        incident["source_incident_id"]
        for incident in await incidents_of(api, source.token, "open=false&page_size=5000")
    )
    return found == Counter(names)


async def _each_has_its_events(stack, count):
    async with await psycopg.AsyncConnection.connect(stack.servers.database) as connection:
        rows = await connection.execute(
            "select incident_id, array_agg(type order by occurred_at) from events group by incident_id"
        )
        kinds = [types for _, types in await rows.fetchall()]
    assert kinds == [["STA", "END"]] * count


def _each_was_told_in_order(mails, names):
    arrived = mails.all()
    told: dict[tuple[str, str], list[str]] = {}
    for mail in mails.once().values():
        told.setdefault((mail.to, mail.incident), []).append(mail.type)
    people = {mail.to for mail in arrived}
    assert told == {(to, name): ["STA", "END"] for to in people for name in names}
    assert len(people) == 2
    repeats = len(arrived) - len(mails.once())
    assert repeats <= 2 * IN_FLIGHT, (
        f"{repeats} mails came twice"
    )  # one kill, and one pause in which a successor took over
