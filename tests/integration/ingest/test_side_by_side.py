"""Two ingest processes: the log decides between them; issue 3, what must be shown 8."""

import asyncio
import json

from tests.eventually import eventually
from tests.integration.ingest.site import Site
from tests.integration.ingest.test_inbox import incidents


async def test_two_that_race_for_one_source_incident_id_get_one_201_and_one_400(site: Site):
    async with site.store(), site.ingest() as one, site.ingest() as other:
        for number in range(20):
            name = f"raced-{number}"
            answers = await asyncio.gather(one.create(source_incident_id=name), other.create(source_incident_id=name))
            assert sorted(answer.status_code for answer in answers) == [201, 400], [a.text for a in answers]

        assert len(await incidents(site)) == 20


async def test_the_ids_of_two_processes_never_meet(site: Site):
    async with site.store(), site.ingest() as one, site.ingest() as other:
        answers = await asyncio.gather(*(each.create() for each in [one, other] * 20))

    assert len({answer.json()["pk"] for answer in answers}) == 40


async def test_http_and_kafka_that_race_make_one_incident(site: Site):
    report = {"type": "start", "source_incident_id": "both", "occurred_at": "2025-11-25T00:00:00Z"}

    async with site.store(), site.ingest() as ingest:
        answer, _ = await asyncio.gather(
            ingest.create(source_incident_id="both"), site.report("nav1", json.dumps(report).encode())
        )

        assert answer.status_code in {201, 400}

        async def is_there_once() -> bool:
            return len(await incidents(site)) == 1

        assert await eventually(is_there_once)
