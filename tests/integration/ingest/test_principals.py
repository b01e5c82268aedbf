"""Who may, and what a source's request leaves behind: rules 17, 18 and 56 of the specification."""

from datetime import timedelta

from sqlalchemy import text, update

from argus_database.configuration.tokens import create_token
from argus_database.tables.accounts import TokenRow, UserRow
from argus_schemas.topics import INCIDENT_EVENTS
from tests.eventually import eventually
from tests.integration.ingest.site import Site


async def test_a_request_of_a_source_moves_its_last_seen_whatever_becomes_of_it(site: Site):
    async with site.ingest() as ingest:
        await ingest.post("/api/v2/incidents/", {})

        async def is_seen() -> bool:
            async with site.sessions() as session:
                seen = await session.execute(text("select name from sources where last_seen is not null"))
                return [row[0] for row in seen] == ["nav1"]

        assert await eventually(is_seen)


async def test_who_is_inactive_or_whose_token_has_expired_is_refused(site: Site):
    async with site.sessions.begin() as session:
        site.tokens["late"] = await create_token(session, "alice", expires=timedelta(days=1))
        await session.execute(
            update(TokenRow).where(TokenRow.expires_at.is_not(None)).values(expires_at=text("now() - interval '1 day'"))
        )
        await session.execute(update(UserRow).where(UserRow.username == "zino").values(is_active=False))

    async with site.ingest() as ingest:
        inactive = await ingest.create("zino")
        expired = [await ingest.create("late") for _ in range(2)]

    assert (inactive.status_code, inactive.json()) == (401, {"detail": "User inactive or deleted."})
    assert [answer.json()["detail"] for answer in expired] == ["Token has expired.", "Invalid token."]


async def test_strict_sources_end_only_their_own_incidents(site: Site):
    async with site.store(), site.ingest(strict_sources=True) as ingest:
        pk = (await ingest.create()).json()["pk"]

        foreign = await ingest.event(pk, "END", "zino")
        own = await ingest.event(pk, "END")

    assert (foreign.status_code, own.status_code) == (403, 201)


async def test_a_record_carries_the_incident_as_it_was_read(site: Site):
    async with site.store(), site.ingest() as ingest:
        pk = (await ingest.create(description="Box down", tags=[{"tag": "a=1"}])).json()["pk"]
        await ingest.event(pk, "END")

    records = [INCIDENT_EVENTS.decode(record.value or b"") for record in await site.records(INCIDENT_EVENTS)]
    created, ended = sorted(records, key=lambda record: record.received_at)
    assert created.key == ended.key
    assert ended.incident is not None
    assert (ended.incident.pk, ended.incident.description) == (pk, "Box down")
    assert [str(tag) for tag in ended.incident.tags] == ["a=1"]
