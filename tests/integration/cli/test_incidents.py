"""`argus incident` creates and closes incidents through the API, and through nothing else."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from argus_database.tables.accounts import SourceRow, TokenRow
from argus_database.tables.incidents import IncidentRow
from tests.integration.cli.system import System

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def created(system: System, *words: str) -> int:
    made = await system.argus_json("incident", "create", *words)
    return int(made["incidents"][0]["pk"])


async def opened_before(system: System, hours: float, source: str, source_incident_id: str) -> int:
    """Create an incident that began some hours ago."""
    pk = await created(system, "--source", source)
    async with system.sessions.begin() as session:  # the command makes incidents that begin now
        row = await session.get_one(IncidentRow, pk)
        row.start_time = datetime.now(UTC) - timedelta(hours=hours)
        row.source_incident_id = source_incident_id
    return pk


@pytest.mark.rule(159)
async def test_an_incident_that_is_made_up_says_so(system: System):
    pk = await created(system)

    row = await system.incident(pk)
    number = row.source_incident_id
    assert 1 <= int(number) <= 2**32 - 1
    assert row.description == f'Incident #{number} created via "create_fake_incident"'
    assert row.stateful
    assert row.ended_at is None
    assert 1 <= row.level <= 5
    assert await system.source(pk) == ("argus", "argus")
    assert await system.tags(pk) == ["location=argus", f"object={number}", "problem_type=test"]
    assert await system.events(pk) == [("STA", "argus", row.description)]


@pytest.mark.rule(159)
async def test_tags_that_are_given_replace_those_that_are_made_up(system: System):
    pk = await created(system, "-t", "host=a", "-t", "room=b2", "-d", "Box down", "-l", "2", "--metadata", '{"a": [1]}')

    row = await system.incident(pk)
    assert await system.tags(pk) == ["host=a", "room=b2"]
    assert (row.description, row.level, row.metadata_) == ("Box down", 2, {"a": [1]})


@pytest.mark.rule(159)
async def test_a_moment_is_stateless(system: System):
    pk = await created(system, "--stateless")

    row = await system.incident(pk)
    assert not row.stateful
    assert row.description == f'Incident (stateless) #{row.source_incident_id} created via "create_fake_incident"'


@pytest.mark.rule(159)
async def test_three_at_once_are_three(system: System):
    made = await system.argus_json("incident", "create", "-b", "3")

    assert len({incident["pk"] for incident in made["incidents"]}) == 3
    assert len({incident["source_incident_id"] for incident in made["incidents"]}) == 3


@pytest.mark.rule(159)
async def test_a_source_is_made_where_it_is_missing_and_is_not_thought_alive_by_it(system: System):
    first = await created(system, "--source", "NAV new", "--source-type", "NAV")
    second = await created(system, "--source", "NAV new")

    assert await system.source(first) == await system.source(second) == ("NAV new", "nav")
    async with system.sessions() as session:
        assert (await session.get_one(SourceRow, (await system.incident(first)).source_id)).last_seen is None


@pytest.mark.rule(159)
async def test_files_say_all_of_an_incident(system: System, tmp_path):
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    one.write_text(json.dumps({"description": "From a file", "level": 1, "tags": ["a=b"], "stateful": False}))
    two.write_text(json.dumps({"source": "filed", "metadata": {"x": None}}))

    made = (await system.argus_json("incident", "create", "-f", str(one), "-f", str(two)))["incidents"]

    assert [incident["source"]["name"] for incident in made] == ["argus", "filed"]
    assert (made[0]["description"], made[0]["level"], made[0]["end_time"]) == ("From a file", 1, None)
    assert made[1]["metadata"] == {"x": None}


@pytest.mark.rule(159)
async def test_what_cannot_be_is_refused_before_anything_is_made(system: System, tmp_path):
    file = tmp_path / "it.json"
    file.write_text("{}")
    before = await system.made()

    for words in (
        ["-l", "9"], ["-b", "0"], ["-f", str(file), "-d", "x"], ["--metadata", "{"], ["--source-type", "nav"],
        ["--metadata", "{}", "--metadata-file", str(file)], ["-f", str(tmp_path / "none.json")],
    ):  # fmt: skip
        await system.argus("incident", "create", *words, code=2)
    for content in ('{"nonsense": 1}', '{"source": 5}', '{"level": true}', '{"tags": "a=b"}', "[]", "{", "\\"):
        file.write_text(content)
        await system.argus("incident", "create", "-f", str(file), code=2)

    assert await system.made() == before


async def test_what_the_api_refuses_is_said_in_its_words(system: System):
    result = await system.argus("incident", "create", "-t", "no tag", code=1)

    assert result.stderr == "Error: The API refuses it: tags, 0, tag: The tag does not have its delimiter: =.\n"


async def test_what_was_made_before_a_failure_is_told(system: System, tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text('{"description": "Made"}')
    bad.write_text('{"level": 9}')

    result = await system.argus("incident", "create", "-f", str(good), "-f", str(bad), "--json", code=1)

    assert [incident["description"] for incident in json.loads(result.stdout)["incidents"]] == ["Made"]
    assert result.stderr == 'Error: The API refuses it: level: "9" is not a valid choice.\n'


@pytest.mark.rule(161)
async def test_an_incident_is_closed_by_the_user_of_its_source(system: System):
    pk = await opened_before(system, 2, "closing", "c-1")

    said = (await system.argus("incident", "close", "--id", str(pk), "--closing-message", "Done")).stdout

    assert said == f"Incident {pk} is closed.\n"
    assert (await system.incident(pk)).ended_at is not None
    assert (await system.events(pk))[-1] == ("CLO", "closing", "Done")
    again = await system.argus_json("incident", "close", "--source", "closing", "--source-incident-id", "c-1")
    assert again == {"closed": [], "left": {str(pk): "is not open"}, "problems": []}


@pytest.mark.rule(161)
async def test_an_incident_that_is_younger_than_said_stays_open(system: System):
    pk = await opened_before(system, 2, "young", "y-1")
    named = ("--source", "young", "--source-incident-id", "y-1")

    left = await system.argus_json("incident", "close", *named, "--duration", "03:00:00")
    assert left["left"] == {str(pk): "has been open for less than 3:00:00"}
    assert (await system.incident(pk)).ended_at is None

    assert (await system.argus_json("incident", "close", *named, "--duration", "PT1H"))["closed"] == [pk]


@pytest.mark.rule(161)
@pytest.mark.parametrize("pk", ["999999", "-1", str(2**70)])
async def test_an_incident_that_is_not_there_is_told_of_and_nothing_else(system: System, pk):
    result = await system.argus("incident", "close", "--id", pk)

    assert result.stderr == f"Error: There is no incident {pk}.\n"


@pytest.mark.rule(161)
async def test_files_are_closed_up_to_the_first_incident_that_is_not_there(system: System, tmp_path):
    first, last = await opened_before(system, 1, "files", "f-1"), await opened_before(system, 1, "files", "f-2")
    contents = ["{", '{"duration": "soon", "id": 1}', '{"source": "files", "source_incident_id": "f-1"}',
                '{"id": 999999}', json.dumps({"id": last})]  # fmt: skip
    files = []
    for number, content in enumerate(contents):
        (tmp_path / f"{number}.json").write_text(content)
        files += ["-f", str(tmp_path / f"{number}.json")]

    result = await system.argus_json("incident", "close", *files)

    assert result["closed"] == [first]
    assert [problem.split(":")[0] for problem in result["problems"]] == [
        f"{tmp_path / '0.json'} is no JSON", f"{tmp_path / '1.json'}",
        f"There is no incident 999999 (from {tmp_path / '3.json'}).",
    ]  # fmt: skip
    assert (await system.incident(last)).ended_at is None


async def test_closing_needs_to_know_what(system: System):
    for words in ([], ["--source", "x"], ["--id", "1", "-f", "x.json"], ["--id", "1", "--duration", "soon"]):
        await system.argus("incident", "close", *words, code=2)


async def test_an_api_that_is_away_or_nowhere_is_said_in_two_lines(system: System, free_port):
    away = await system.argus("incident", "create", code=4, ARGUS_URL=f"http://127.0.0.1:{free_port}")
    assert "The API does not answer on" in away.stderr.splitlines()[0]
    assert "ARGUS_URL" in away.stderr.splitlines()[1]
    nowhere = await system.argus("incident", "create", code=2, ARGUS_URL="")
    assert nowhere.stderr.splitlines()[0] == "Error: Nobody has said where the API is."
    other = await system.argus("incident", "create", code=1, ARGUS_URL=f"{system.url}/elsewhere")
    assert other.stderr.startswith("Error: The API refuses it")


async def test_no_login_is_left_behind(system: System):
    await system.argus("incident", "create")
    await system.argus("incident", "create", "-t", "no tag", code=1)

    async with system.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(TokenRow)) == 0
