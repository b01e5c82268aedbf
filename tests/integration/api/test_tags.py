"""Reading the tags of an incident: rules 135-141 of the specification."""

import pytest

from tests.integration.api.rows import an_incident


@pytest.fixture
async def tagged(sessions, people):
    return await an_incident(sessions, people.pks["nav"], tags=("a=1", "url=http://x/?a=b", "b="))


@pytest.mark.rule(135, 141)
async def test_the_tags_of_an_incident_are_listed_as_they_were_added(http, people, tagged):
    v2 = await http.get(f"/api/v2/incidents/{tagged}/tags/", headers=people["alice"])
    v3 = await http.get(f"/api/v3/incidents/{tagged}/tags/", headers=people["alice"])

    assert v2.json() == [{"tag": "a=1"}, {"tag": "url=http://x/?a=b"}, {"tag": "b="}]
    assert v3.json() == ["a=1", "url=http://x/?a=b", "b="]


@pytest.mark.rule(138, 141)
async def test_a_tag_is_shown_by_itself(http, people, tagged):
    v2 = await http.get(f"/api/v2/incidents/{tagged}/tags/a=1/", headers=people["alice"])
    v3 = await http.get(f"/api/v3/incidents/{tagged}/tags/a=1/", headers=people["alice"])
    empty = await http.get(f"/api/v2/incidents/{tagged}/tags/b=/", headers=people["alice"])

    assert (v2.json(), v3.json(), empty.json()) == ({"tag": "a=1"}, ["a=1"], {"tag": "b="})


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        pytest.param("v2/incidents/{}/tags/c=3/", 404, {"detail": "No Tag matches the given query."}, marks=[
            pytest.mark.rule(138)]),
        pytest.param("v2/incidents/{}/tags/host/", 400, ["The tag does not have its delimiter: =."], marks=[
            pytest.mark.rule(138)]),
        ("v2/incidents/{}/tags/Host=x/", 400,
         ["['Enter a valid key consisting of lowercase letters, numbers and underscores.']"]),
        ("v2/incidents/{}/tags/=x/", 400, ["The key of the tag cannot be empty."]),
        pytest.param("v2/incidents/99999/tags/", 400, ["An incident with pk=99999 does not exist"], marks=[
            pytest.mark.rule(140)]),
        ("v3/incidents/99999/tags/a=1/", 400, ["An incident with pk=99999 does not exist"]),
        (f"v2/incidents/{2**70}/tags/", 400, [f"An incident with pk={2**70} does not exist"]),
    ],
)  # fmt: skip
async def test_what_is_no_tag_of_the_incident_is_refused(http, people, tagged, path, status, body):
    answer = await http.get("/api/" + path.format(tagged), headers=people["alice"])

    assert (answer.status_code, answer.json()) == (status, body)


@pytest.mark.rule(141)
async def test_what_v3_takes_for_no_tag_is_refused(http, people, tagged):
    answer = await http.get(f"/api/v3/incidents/{tagged}/tags/a=/", headers=people["alice"])

    assert answer.status_code == 400


async def test_a_tag_that_no_database_can_hold_is_refused(http, people, tagged):
    nul = await http.get(f"/api/v2/incidents/{tagged}/tags/a=%00/", headers=people["alice"])
    surrogate = await http.get(f"/api/v2/incidents/{tagged}/tags/a=%ED%A0%80/", headers=people["alice"])

    assert nul.status_code == 400
    assert 400 <= surrogate.status_code < 500
