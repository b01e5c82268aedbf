"""A server goes away for a while: what is promised then, and that all is well again by itself."""

import time

import pytest

from tests.eventually import eventually
from tests.faults.load import an_incident, lasts
from tests.pipeline.clients import incidents_of

AWAY = [pytest.param(8, id="8s"), pytest.param(20, id="20s", marks=pytest.mark.long)]
pytestmark = pytest.mark.timeout(240)


async def _mailed(mails, person, names):
    told = {name: ["STA", "END"] for name in names}
    await eventually(lambda: mails.by_incident(person.email) == told, within=60, pause=0.2)


@pytest.mark.parametrize("seconds", AWAY)
async def test_without_postgresql_incidents_are_taken_without_delay_and_people_are_told(
    stack, postgres, mails, source, person, caller, seconds
):
    await _mailed(mails, person, ["before"])
    names = [f"during-{number}" for number in range(10)]

    postgres.stop()
    until = time.monotonic() + seconds
    took = []
    for name in names:
        begun = time.monotonic()
        pk = await caller.start(name)
        took.append(time.monotonic() - begun)
        await caller.end(pk, name)
    await eventually(lambda: set(mails.by_incident(person.email)) >= set(names), within=20)
    await lasts(max(0, until - time.monotonic()))
    postgres.start()

    assert sorted(took)[len(took) // 2] < 0.5
    assert max(took) < 4
    await stack.all_ready()
    await _mailed(mails, person, ["before", *names])
    await eventually(lambda: _closed(stack, source, ["before", *names]), within=30)


@pytest.mark.parametrize("seconds", AWAY)
async def test_without_kafka_nothing_is_promised_and_nothing_promised_is_missing(
    stack, broker, mails, source, person, caller, seconds
):
    accepted, refused, longest = [], 0, 0.0

    broker.stop()
    until = time.monotonic() + seconds
    number = 0
    while time.monotonic() < until:
        name, number = f"during-{number}", number + 1
        begun = time.monotonic()
        status, _ = await caller.once("/api/v2/incidents/", an_incident(name), f"start-{name}")
        longest = max(longest, time.monotonic() - begun)
        refused += status == 503
        assert status == 503, status
    broker.start()
    for again in range(number):
        name = f"during-{again}"
        pk = await caller.start(name)  # under the key of the request that was refused
        await caller.end(pk, name)
        accepted.append(name)

    assert refused == number > 0
    assert longest < 5.5
    await stack.all_ready()
    await eventually(lambda: _closed(stack, source, ["before", *accepted]), within=30)
    await _mailed(mails, person, ["before", *accepted])


async def test_a_refusal_without_kafka_says_when_to_come_back(stack, broker, caller):
    broker.stop()
    headers = {"Authorization": f"Token {caller.source.token}"}
    url = stack.members["ingest"].url
    async with caller.session.post(f"{url}/api/v2/incidents/", json=an_incident("x"), headers=headers) as answer:
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) >= 1
    broker.start()
    await stack.all_ready()


@pytest.mark.parametrize("seconds", AWAY)
async def test_without_a_mail_server_every_mail_arrives_after_it_returns_in_order(mails, person, caller, seconds):
    await _mailed(mails, person, ["before"])
    names = [f"during-{number}" for number in range(5)]

    await mails.go_away()
    for name in names:
        await caller.end(await caller.start(name), name)
    await lasts(seconds)
    await mails.come()

    await _mailed(mails, person, ["before", *names])
    arrived = [mail.message_id for mail in mails.to(person.email)]
    assert len(arrived) == len(set(arrived))


async def _closed(stack, source, names):
    found = await incidents_of(stack.members["api"].url, source.token, "open=false&page_size=5000")
    assert sorted(incident["source_incident_id"] for incident in found) == sorted(names)
    return True
