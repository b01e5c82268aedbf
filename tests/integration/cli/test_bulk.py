"""`argus incident bulk` does, as a user, one thing with all incidents that fit a stored filter."""

from uuid import uuid4

import pytest

from argus_database.configuration.filters import add_filter
from argus_database.configuration.users import add_user
from argus_schemas.configuration import Filter
from tests.eventually import eventually
from tests.integration.cli.system import System

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest.fixture
def tag() -> str:
    """What only the incidents of this test have."""
    return f"test={uuid4().hex[:8]}"


async def incidents(system: System, tag: str, number: int) -> list[int]:
    made = await system.argus_json("incident", "create", "-b", str(number), "-t", tag)
    return [incident["pk"] for incident in made["incidents"]]


async def user_with_filter(system: System, tag: str, name: str = "mine", *, public: bool = False) -> tuple[str, int]:
    """Add a user with a filter for incidents with the tag; return its name and the filter's pk."""
    username = f"user-{uuid4().hex[:8]}"
    async with system.sessions.begin() as session:
        user = await add_user(session, username)
        row = await add_filter(session, user.id, name, Filter(tags=(tag,)), public=public)
        return username, row.id


@pytest.mark.rule(162)
async def test_a_user_that_is_not_there_is_told_of_and_nothing_is_changed(system: System, tag):
    pks = await incidents(system, tag, 2)
    await user_with_filter(system, tag)

    for verb in (["ack"], ["close"], ["reopen"], ["ticket-url"]):
        url = ["https://t.example.org/1"] if verb == ["ticket-url"] else []
        result = await system.argus("incident", "bulk", *verb, "mine", "nobody", *url, code=1)
        assert result.stderr == "Error: There is no user named 'nobody'.\n"
    assert [[event[0] for event in await system.events(pk)] for pk in pks] == [["STA"], ["STA"]]


async def test_all_incidents_that_fit_are_acknowledged_closed_and_reopened(system: System, tag):
    pks = await incidents(system, tag, 3)
    others = await incidents(system, "test=another", 1)
    username, filter_pk = await user_with_filter(system, tag)

    said = await system.argus_json(
        "incident", "bulk", "ack", "mine", username, "--description", "Seen", "--expiration", "2040-01-01T00:00:00Z"
    )
    assert sorted(said["changed"]) == sorted(said["fitting"]) == pks
    assert said["failed"] == {}
    closed = (await system.argus("incident", "bulk", "close", str(filter_pk), username)).stdout
    assert closed.startswith("Posted CLO to 3 incidents: ")
    assert all([(await system.incident(pk)).ended_at for pk in pks])
    await system.argus("incident", "bulk", "reopen", "mine", username, "--description", "Again")
    assert not any([(await system.incident(pk)).ended_at for pk in pks])

    for pk in pks:
        assert (await system.events(pk))[1:] == [
            ("ACK", username, "Seen"), ("CLO", username, ""), ("REO", username, "Again"),
        ]  # fmt: skip
    assert len(await system.events(others[0])) == 1


async def test_a_ticket_is_set_and_taken_away(system: System, tag):
    (pk,) = await incidents(system, tag, 1)
    username, _ = await user_with_filter(system, tag)

    said = (await system.argus("incident", "bulk", "ticket-url", "mine", username, "https://t.example.org/1")).stdout
    assert said == f"Changed the ticket of 1 incident: {pk}\n"
    assert (await system.incident(pk)).ticket_url == "https://t.example.org/1"
    await system.argus("incident", "bulk", "ticket-url", "mine", username, "")
    assert (await system.incident(pk)).ticket_url == ""


async def test_a_dry_run_changes_nothing(system: System, tag):
    (pk,) = await incidents(system, tag, 1)
    username, _ = await user_with_filter(system, tag)

    said = (await system.argus("incident", "bulk", "close", "mine", username, "--dry-run")).stdout

    assert said == f"1 incident would be changed: {pk}\n"
    assert (await system.incident(pk)).ended_at is None


async def test_a_moment_that_is_none_is_refused_in_the_words_of_the_api(system: System, tag):
    await incidents(system, tag, 1)
    username, _ = await user_with_filter(system, tag)

    result = await system.argus("incident", "bulk", "close", "mine", username, "--timestamp", "soon", code=1)

    assert result.stderr.startswith("Error: The API refuses it: event, timestamp: Datetime has wrong format.")


async def test_filters_are_the_users_own_or_public(system: System, tag):
    (pk,) = await incidents(system, tag, 1)
    _, private = await user_with_filter(system, tag, "private")
    owner, public = await user_with_filter(system, tag, "shared", public=True)
    username, _ = await user_with_filter(system, "test=nothing", "nothing")

    refused = await system.argus("incident", "bulk", "close", str(private), username, code=1)
    problem, hint = refused.stderr.splitlines()
    assert problem == f"Error: There is no filter '{private}' that {username} may use."
    assert f"{public} (shared)" in hint
    assert "private" not in hint
    assert (await system.argus("incident", "bulk", "close", "nothing", username)).stdout == "No incident fits.\n"
    await system.argus("incident", "bulk", "close", str(public), username)
    assert (await system.events(pk))[-1] == ("CLO", username, "")

    async with system.sessions.begin() as session:
        another = await add_user(session, f"{owner}-2")
        await add_filter(session, another.id, "shared", Filter(tags=(tag,)), public=True)
    several = await system.argus("incident", "bulk", "close", "shared", username, code=1)
    assert "Several filters may be meant by 'shared'" in several.stderr
    assert (await system.argus_json("incident", "bulk", "reopen", "shared", owner))["changed"] == [pk]


async def test_more_incidents_than_a_page_are_all_changed(system: System, tag, monkeypatch):
    monkeypatch.setattr("argus_cli.incidents.bulk.PAGE", 2)
    pks = await incidents(system, tag, 5)
    username, _ = await user_with_filter(system, tag)

    await system.argus("incident", "bulk", "close", "mine", username)

    async def all_closed() -> bool:
        return all([(await system.incident(pk)).ended_at for pk in pks])

    await eventually(all_closed)
