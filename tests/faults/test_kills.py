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
from tests.integration.dispatch.installation import AT_ONCE
from tests.log import glue
from tests.pipeline.clients import incidents_of, reported
from tests.stack import SESSION_SECONDS

IN_FLIGHT = 2 * AT_ONCE
"""Messages under way to two destinations."""


@pytest.mark.parametrize("count", [300, pytest.param(2000, marks=pytest.mark.long)])
@pytest.mark.timeout(600)
async def test_kills_pauses_and_joins_lose_nothing_and_repeat_only_what_was_in_flight(stack, mails, count):
    http, kafka = await stack.source(f"http-{count}"), await stack.source(f"kafka-{count}")
    alice = await stack.person(f"alice-{count}", {"sourceSystemIds": [http.pk]})
    bob = await stack.person(f"bob-{count}", {"sourceSystemIds": [kafka.pk]})
    people = [alice.email, bob.email]
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
    await eventually(lambda: _told(mails, people) >= 4 * len(names), within=120, pause=0.5)
    await _each_has_its_events(stack, [http.pk, kafka.pk], 2 * len(names))
    _each_was_told_in_order(mails, people, names)
    await stack.stop("store-2", "matcher-2")
    await stack.all_ready()
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


async def _each_has_its_events(stack, sources, count):
    async with await psycopg.AsyncConnection.connect(stack.servers.database) as connection:
        rows = await connection.execute(
            "select i.id, array_agg(e.type order by e.occurred_at) "
            "from incidents i join events e on e.incident_id = i.id where i.source_id = any(%s) group by i.id",
            [sources],
        )
        kinds = [types for _, types in await rows.fetchall()]
    assert kinds == [["STA", "END"]] * count


def _told(mails, people):
    return len({mail.message_id for to in people for mail in mails.to(to)})


def _each_was_told_in_order(mails, people, names):
    for to in people:
        assert mails.by_incident(to) == {name: ["STA", "END"] for name in names}
    repeats = sum(len(mails.to(to)) for to in people) - _told(mails, people)
    # One kill, and one pause in which another dispatcher may have taken over.
    assert repeats <= 2 * IN_FLIGHT, f"{repeats} mails came twice"
