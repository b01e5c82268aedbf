"""Reports straight from Kafka, by a producer that knows only its own ids."""

import aiohttp

from tests.eventually import eventually
from tests.log import a_report, glue, read_all
from tests.pipeline.clients import incidents_of, reported


async def test_a_producer_that_knows_only_its_own_ids_opens_and_ends_an_incident(stack, url, mails, source, person):

    async with glue(stack.servers.kafka) as producer:
        await reported(stack, source)
        start = a_report("start", "ups-1", description="UPS on battery", level=1, tags=["host=ups-1"])
        await producer.send_and_wait(source.topic, start, key=b"ups-1")
        await eventually(lambda: [mail.type for mail in mails.to(person.email)] == ["STA"], within=20)
        await producer.send_and_wait(source.topic, a_report("end", "ups-1"), key=b"ups-1")
        await eventually(lambda: [mail.type for mail in mails.to(person.email)] == ["STA", "END"], within=20)

    (incident,) = await incidents_of(url, source.token)
    assert (incident["description"], incident["level"], incident["open"]) == ("UPS on battery", 1, False)
    assert [tag["tag"] for tag in incident["tags"]] == ["host=ups-1"]
    assert all("UPS on battery" in mail.text for mail in mails.to(person.email))


async def test_every_unusable_report_is_dead_lettered_as_it_was_and_those_after_it_are_processed(stack, url, source):
    unusable = {
        "not JSON": b"{ level: 1",
        "a level of 9": a_report("start", "a", level=9),
        "a NUL": a_report("start", "b", description="a\x00b"),
        "2 MB": a_report("start", "c", description="x" * 2_000_000),
        "an end of nothing": a_report("end", "never-started"),
    }

    async with glue(stack.servers.kafka) as producer:
        await reported(stack, source)
        places = {
            name: await producer.send_and_wait(source.topic, value, key=name.encode())
            for name, value in unusable.items()
        }
        await producer.send_and_wait(source.topic, a_report("start", "fine"), key=b"fine")

    await eventually(lambda: _sees(url, source, ["fine"]), within=20)
    letters = await eventually(lambda: _dead(stack, source, 5), within=20)
    by_key = {(letter.key or b"").decode(): letter for letter in letters}
    for name, value in unusable.items():
        letter = by_key[name]
        assert letter.value == value, name
        assert letter.headers["origin"].decode() == f"{source.topic}[0]@{places[name].offset}"
        assert letter.headers["reason"], name


async def test_a_thousand_unusable_reports_of_one_source_hold_up_no_other(stack, url, source, other):
    loud, quiet = source, other

    async with glue(stack.servers.kafka) as producer:
        await reported(stack, loud)
        await reported(stack, quiet)
        for number in range(1000):
            await producer.send(loud.topic, b"nonsense", key=str(number).encode())
        await producer.flush()
        await producer.send_and_wait(quiet.topic, a_report("start", "q"), key=b"q")

    await eventually(lambda: _sees(url, quiet, ["q"]), within=10)


async def test_what_a_reports_body_says_about_its_source_is_ignored(stack, url, source, other):

    async with glue(stack.servers.kafka) as producer:
        await reported(stack, source)
        said = {"source": other.slug, "source_id": other.pk, "slug": other.slug, "user": "other"}
        await producer.send_and_wait(source.topic, a_report("start", "x", **said), key=b"x")

    await eventually(lambda: _sees(url, source, ["x"]), within=20)
    assert await incidents_of(url, other.token) == []


async def test_an_array_of_reports_over_http_gets_an_answer_for_each(url, source):
    body = b"[" + b",".join((a_report("start", "1"), a_report("start", "2", level=9), a_report("end", "1"))) + b"]"

    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Token {source.token}"}) as session,
        session.post(f"{url}/api/ingest/v1/reports", data=body, headers={"Content-Type": "application/json"}) as answer,
    ):
        said = await answer.json()

    answers = said["reports"] if isinstance(said, dict) else said
    assert [each["status"] for each in answers] == ["accepted", "refused", "accepted"]
    await eventually(lambda: _sees(url, source, ["1"]), within=20)


async def _sees(url, source, ids):
    found = sorted(incident["source_incident_id"] for incident in await incidents_of(url, source.token))
    assert found == ids
    return True


async def _dead(stack, source, count):
    read = await read_all(stack.servers.kafka, f"{stack.servers.prefix}dead-letters")
    letters = [letter for letter in read if letter.headers["origin"].startswith(source.topic.encode() + b"[")]
    return letters if len(letters) >= count else None
