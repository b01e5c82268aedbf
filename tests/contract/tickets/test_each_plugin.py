"""What is particular to each ticket system."""

from base64 import b64encode

import pytest

from argus_tickets import BadAnswer, NotConfigured, TicketRefused, load
from argus_tickets.github import api_of
from tests.contract.tickets.behaviours import answers
from tests.contract.tickets.systems import TOKEN, GitHub, GitLab, Jira, RequestTracker, facts

LABELS = {"labels_set": ["argus", "network, core"], "labels_mapping": ["level", {"tag": "host"}, {"tag": "absent"}]}
FIELDS = {
    "custom_fields_set": {"Site": "Tromsø"},
    "custom_fields_mapping": {"Host": {"tag": "host"}, "Weight": "level", "Teams": {"tag": "absent"}},
}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


async def test_github_gets_labels_and_assignees():
    async with GitHub().running() as system:
        await system.plugin(**LABELS, assignees=["alice", "bob"]).create_ticket(facts())

    assert system.bodies[0]["labels"] == ["argus", "network, core", "2", "a.example.org"]
    assert system.bodies[0]["assignees"] == ["alice", "bob"]
    assert system.requests[0].path == "/api/v3/repos/noc/tickets/issues"


@pytest.mark.parametrize(
    ("endpoint", "api"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://api.github.com", "https://api.github.com"),
        ("https://github.example.org", "https://github.example.org/api/v3"),
        ("https://github.example.org/api/v3", "https://github.example.org/api/v3"),
    ],
)
def test_githubs_api_is_found_from_the_address_of_its_pages(endpoint, api):
    assert api_of(endpoint) == api


@pytest.mark.parametrize("project", ["tickets", "noc/", "a/b/c", "/b"])
def test_a_repository_of_github_has_an_owner_and_a_name(project):
    with pytest.raises(NotConfigured, match="owner/repository"):
        GitHub().plugin(project_namespace_and_name=project)


async def test_gitlab_gets_labels_and_assignees_by_name_and_number():
    async with GitLab().running() as system:
        await system.plugin(**LABELS, assignees=["alice", 7]).create_ticket(facts())

    assert system.bodies[0]["labels"] == "argus,network  core,2,a.example.org"
    assert system.bodies[0]["assignee_ids"] == [12, 7]
    assert system.requests[-1].rel_url.raw_path == "/api/v4/projects/noc%2Fteam%2Ftickets/issues"


async def test_gitlab_refuses_an_assignee_whom_it_does_not_know():
    async with GitLab().running() as system:
        with pytest.raises(TicketRefused, match="no user mallory"):
            await system.plugin(assignees=["mallory"]).create_ticket(facts())
    assert system.bodies == []


async def test_jira_gets_fields_by_their_ids_in_the_form_that_they_take():
    async with Jira().running() as system:
        await system.plugin(**FIELDS, **LABELS, type="Bug", assignee="alice").create_ticket(facts())

    fields = system.bodies[0]["fields"]
    assert fields["project"] == {"key": "NOC"}
    assert fields["issuetype"] == {"name": "Bug"}
    assert fields["assignee"] == {"name": "alice"}
    assert fields["labels"] == ["argus", "network,_core", "2", "a.example.org"]
    assert fields["customfield_10010"] == "a.example.org"
    assert fields["customfield_10011"] == {"value": "Tromsø"}
    assert fields["customfield_10013"] == 2.0
    assert "customfield_10012" not in fields


async def test_jira_cloud_is_told_the_email_address_and_account_ids():
    system = Jira()
    system.secret = {"email": "argus@example.org", "token": TOKEN}
    system.credentials = ("Authorization", "Basic " + b64encode(f"argus@example.org:{TOKEN}".encode()).decode())

    async with system.running():
        await system.plugin(project_key_or_id=10000, assignee="5b10").create_ticket(facts())

    assert system.bodies[0]["fields"]["project"] == {"id": "10000"}
    assert system.bodies[0]["fields"]["assignee"] == {"accountId": "5b10"}


async def test_jira_refuses_a_field_that_it_does_not_know():
    async with Jira().running() as system:
        with pytest.raises(TicketRefused, match="no field Colour"):
            await system.plugin(custom_fields_set={"Colour": "red"}).create_ticket(facts())
    assert system.bodies == []


async def test_rt_gets_fields_and_an_owner():
    async with RequestTracker().running() as system:
        await system.plugin(**FIELDS, owner="alice").create_ticket(facts())

    assert system.bodies[0]["CustomFields"] == {"Site": "Tromsø", "Host": "a.example.org", "Weight": "2"}
    assert system.bodies[0]["Owner"] == "alice"


async def test_rt_takes_a_name_and_a_password_too():
    system = RequestTracker()
    system.secret = {"username": "argus", "password": TOKEN}
    system.credentials = ("Authorization", "Basic " + b64encode(f"argus:{TOKEN}".encode()).decode())

    async with system.running():
        assert await system.plugin().create_ticket(facts()) == system.page


def test_rt_needs_a_password_where_it_has_a_name():
    system = RequestTracker()
    system.secret = {"username": "argus"}

    with pytest.raises(NotConfigured, match="password"):
        system.plugin()


@pytest.mark.parametrize("system", [Jira(), RequestTracker()], ids=["jira", "rt"])
@pytest.mark.parametrize("key", ["../admin", "javascript:alert(1)", "a b", "K-1\n", "x" * 3000, "1²"])
async def test_what_is_no_key_of_a_ticket_becomes_no_address(system, key):
    async with system.running():
        system.behaviour = answers(201, {"key": key, "id": key})
        with pytest.raises(BadAnswer):
            await system.plugin().create_ticket(facts())


@pytest.mark.parametrize("system", [GitHub, GitLab, Jira, RequestTracker])
async def test_argus_own_names_of_the_plugins_are_understood(system):
    names = {
        "github": "argus_ticket_github.GithubPlugin",
        "gitlab": "argus_ticket_gitlab.GitlabPlugin",
        "jira": "argus_ticket_jira.JiraPlugin",
        "rt": "argus_ticket_rt.RequestTrackerPlugin",
    }
    async with system().running() as running:
        plugin = load(names[system.slug], running.settings())
        assert await plugin.create_ticket(facts()) == running.page
