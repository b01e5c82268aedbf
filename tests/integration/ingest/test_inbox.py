"""The Kafka inbox: what a source puts on `reports.<slug>`; issue 3, what must be shown 2, 7 and 8."""

import json
from typing import Any

from sqlalchemy import text

from argus_schemas.topics import DEAD_LETTERS, reports_topic
from tests.eventually import eventually
from tests.integration.ingest.site import Site


def a_report(**fields: Any) -> bytes:
    report = {"type": "start", "source_incident_id": "i-1", "occurred_at": "2025-11-25T00:00:00Z"} | fields
    return json.dumps(report).encode()


async def incidents(site: Site) -> list[tuple[str, str, bool]]:
    """Return source, source incident id, and whether it has ended."""
    statement = (
        "select s.name, i.source_incident_id, i.ended_at is not null "
        "from incidents i join sources s on s.id = i.source_id"
    )
    async with site.sessions() as session:
        return sorted(tuple(row) for row in await session.execute(text(statement)))


async def letters(site: Site) -> list[tuple[bytes | None, bytes | None, dict[str, bytes]]]:
    return [(record.key, record.value, dict(record.headers)) for record in await site.records(DEAD_LETTERS)]


async def test_a_source_that_knows_only_its_own_ids_starts_and_ends_an_incident(site: Site):
    async with site.store(), site.ingest():
        await site.report("nav1", a_report(), a_report(type="end", occurred_at="2025-11-25T01:00:00Z"))

        assert await eventually(lambda: _is(site, [("nav1", "i-1", True)]))


async def test_the_source_is_the_topic_never_a_field(site: Site):
    async with site.store(), site.ingest():
        await site.report("nav1", a_report(source="zino", source_id=2))

        assert await eventually(lambda: _is(site, [("nav1", "i-1", False)]))


async def test_an_unusable_report_is_kept_as_it_was_and_the_next_is_processed(site: Site):
    unusable = [b"no json", a_report(level=9), a_report(description="a\x00b"), b"x" * 2_000_000, b""]
    unknown = a_report(type="end", source_incident_id="never-began")

    async with site.store(), site.ingest():
        await site.report("nav1", *unusable, unknown, a_report(), key=b"mine")

        assert await eventually(lambda: _is(site, [("nav1", "i-1", False)]))
        assert await eventually(lambda: _kept(site, [*unusable, unknown]))

    topic = site.kafka.name(reports_topic("nav1"))
    found = await letters(site)
    origins = {f"{topic}[0]@{offset}".encode() for offset in range(len(unusable) + 1)}
    assert {headers["origin"] for _, _, headers in found} == origins
    assert all(headers["reason"] for _, _, headers in found)
    assert {key for key, _, _ in found} == {b"mine"}


async def test_a_thousand_unusable_reports_hold_up_no_other_source(site: Site):
    async with site.store(), site.ingest() as ingest:
        await site.report("nav1", *[b"rubbish"] * 1000)
        await site.report("zino", a_report())

        assert await eventually(lambda: _is(site, [("zino", "i-1", False)]))
        assert await eventually(lambda: not ingest.health.report()["checks"]["reports"]["ok"])
        assert ingest.health.ready


async def test_a_topic_waits_for_its_source_and_holds_up_nobody(site: Site):
    async with site.store(), site.ingest():
        await site.add_source("late", publish=False)
        await site.report("late", a_report())
        await site.report("nav1", a_report())

        assert await eventually(lambda: _is(site, [("nav1", "i-1", False)]))
        await site.publish()

        assert await eventually(lambda: _is(site, [("late", "i-1", False), ("nav1", "i-1", False)]))


async def test_what_was_reported_while_nobody_read_is_processed_later(site: Site):
    await site.report("nav1", *(a_report(source_incident_id=f"i-{number}") for number in range(100)))

    async with site.store(), site.ingest():
        assert await eventually(lambda: _count(site, 100), within=20)


async def _is(site: Site, expected: list[tuple[str, str, bool]]) -> bool:
    assert await incidents(site) == expected
    return True


async def _count(site: Site, expected: int) -> bool:
    return len(await incidents(site)) == expected


async def _kept(site: Site, expected: list[bytes]) -> bool:
    assert sorted(value or b"" for _, value, _ in await letters(site)) == sorted(expected)
    return True
