"""What tickets say."""

import pytest

from argus_tickets import Configuration, Facts
from argus_tickets.wording import JIRA, MARKDOWN, PLAIN, Wording, values_of

INCIDENT = {
    "pk": 7,
    "description": "Box down",
    "end_time": None,
    "open": True,
    "source": {"name": "nav1", "type": {"name": "nav"}},
    "tags": [{"tag": "host=a=b"}, {"tag": "host=c"}, {"tag": "url=https://x.example.org/?a=1"}],
    "details_url": "",
}


def facts(**changes):
    return Facts({**INCIDENT, **changes}, "https://argus.example.org/incidents/7", "Alice")


def wording(markup=PLAIN, **information):
    return Wording(Configuration("https://tickets.example.org", {}, information), markup)


@pytest.mark.parametrize(
    ("part", "values"),
    [
        ("description", ["Box down"]),
        ("source", ["nav1"]),
        ("source_type", ["nav"]),
        ("open", ["true"]),
        ("end_time", []),
        ("details_url", []),
        ("nothing", []),
        ("argus_url", ["https://argus.example.org/incidents/7"]),
        ("user", ["Alice"]),
        ({"tag": "host"}, ["a=b", "c"]),
        ({"tag": "hos"}, []),
        ("tags", ["host=a=b", "host=c", "url=https://x.example.org/?a=1"]),
    ],
)
def test_a_part_of_an_incident_is_named_as_the_api_names_it(part, values):
    assert values_of(facts(), part) == values


def test_tags_are_understood_as_v3_shows_them_too():
    assert values_of(facts(tags=["host=a"]), {"tag": "host"}) == ["a"]


def test_a_dollar_is_written_twice_in_a_template():
    assert wording(title_template="$$ $tag_host").title(facts()) == "$ a=b, c"


def test_what_an_incident_says_is_no_template():
    assert wording(title_template="$description").title(facts(description="$pk ${user}")) == "$pk ${user}"


def test_an_address_stays_an_address_only_where_it_can_be_nothing_else():
    links = wording(MARKDOWN, body_template="$details_url")

    assert links.body(facts(details_url="https://x.example.org/a_b")) == "https://x.example.org/a_b"
    assert "](" not in links.body(facts(details_url="https://x.example.org/a](javascript:b)"))


@pytest.mark.parametrize("markup", [MARKDOWN, JIRA, PLAIN], ids=["markdown", "jira", "plain"])
def test_a_text_never_begins_a_new_line(markup):
    body = wording(markup, body_template="$description").body(facts(description="a\r\n/close\u2028/b\x00\x0bc"))

    assert len(body.splitlines()) == 1


def test_names_are_no_mentions_and_numbers_no_links():
    body = wording(MARKDOWN, body_template="$description").body(facts(description="@all #1 !2 a@b"))

    assert not any(sign in body for sign in ("@all", "#1", "!2", "@b"))


def test_labels_are_there_once():
    labels = wording(labels_set=["c", "d"], labels_mapping=[{"tag": "host"}, "description"]).labels(facts())

    assert labels == ["c", "d", "a=b", "Box down"]


def test_fields_keep_what_was_configured_and_join_what_there_is_more_than_once():
    fields = wording(
        custom_fields_set={"Numbers": [1, 2]}, custom_fields_mapping={"Host": {"tag": "host"}, "End": "end_time"}
    ).fields(facts())

    assert fields == {"Numbers": [1, 2], "Host": "a=b, c"}
