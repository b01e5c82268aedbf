"""Who may say what, and what happens when two say the same at once."""

import asyncio
from datetime import UTC, datetime

from tests.eventually import eventually
from tests.log import a_report, glue
from tests.pipeline.clients import incidents_of, post, reported


def an_incident(source_incident_id):
    return {
        "start_time": datetime.now(UTC).isoformat(), "source_incident_id": source_incident_id, "tags": [],
        "description": "Box down",
    }  # fmt: skip


async def test_a_source_creates_incidents_for_itself_only(url, source, other):

    status, body = await post(url, source.token, "/api/v2/incidents/", an_incident("1") | {"source": other.pk})

    assert (status, body) == (400, ["You must be a superuser to be allowed to specify the 'source' field."])
    assert await incidents_of(url, other.token) == []


async def test_a_wrong_token_gets_401_and_a_person_without_a_source_cannot_create(url, person):

    assert (await post(url, "0" * 40, "/api/v2/incidents/", an_incident("1")))[0] == 401
    status, body = await post(url, person.token, "/api/v2/incidents/", an_incident("1"))
    assert (status, body) == (400, ["The requesting user must have a connected source system."])


async def test_two_simultaneous_posts_through_two_processes_give_one_incident(stack, url, source):
    second = stack.start("ingest", "ingest-2")
    await stack.is_ready(second)
    roots = (stack.members["ingest"].url, second.url)

    for round_ in range(20):
        posts = [post(root, source.token, "/api/v2/incidents/", an_incident(f"r{round_}")) for root in roots]
        (first, said), (then, said_then) = sorted(await asyncio.gather(*posts), key=lambda answer: answer[0])
        assert (first, then) == (201, 400), (said, said_then)
        assert "source_incident_id" in str(said_then)

    assert len(await incidents_of(url, source.token)) == 20
    await stack.stop(second.name)


async def test_a_race_between_http_and_kafka_gives_one_incident(stack, url, source):

    async with glue(stack.servers.kafka) as producer:
        await reported(stack, source)
        for round_ in range(20):
            name = f"r{round_}"
            (status, _), _ = await asyncio.gather(
                post(url, source.token, "/api/v2/incidents/", an_incident(name)),
                producer.send_and_wait(source.topic, a_report("start", name), key=name.encode()),
            )
            assert status in {201, 400}

    await eventually(lambda: _number(url, source, 20), within=20)


async def test_a_repeat_under_one_idempotency_key_gets_the_first_answer_and_another_body_is_refused(url, source):
    key = {"Idempotency-Key": "abc"}
    body = an_incident("1")

    first = await post(url, source.token, "/api/v2/incidents/", body, **key)
    again = await post(url, source.token, "/api/v2/incidents/", body, **key)
    other, _ = await post(url, source.token, "/api/v2/incidents/", body | {"description": "else"}, **key)

    assert first[0] == 201
    assert again == first
    assert other == 422


async def _number(url, source, count):
    found = await incidents_of(url, source.token)
    return len(found) == count
