"""What the renderers of media make of a notification: golden payloads, and payloads of generated text."""

import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus_dispatch.media import alertmanager, apprise, msteams, pagerduty, slack, sms
from argus_dispatch.media.web import encoded
from argus_dispatch.messages import UNSEEN, Writer
from argus_media import Letter, Undeliverable
from argus_schemas.incident import Tag
from argus_schemas.words import EventType, Level
from tests.builders import ALICE, NAV, NOON, a_notification, an_event, an_incident

GOLDEN = Path(__file__).parent / "golden"
WRITER = Writer("https://argus.example.org", ZoneInfo("Europe/Oslo"))
ADDRESSES: dict[str, Any] = {
    "alertmanager": SimpleNamespace(url="https://alerts.example.org/", labels="team=noc, page=yes", token="t0ken"),
    "msteams": SimpleNamespace(webhook="https://flow.example.org/"),
    "pagerduty": SimpleNamespace(routing_key="R" * 32),
    "slack": SimpleNamespace(destination_url="https://hooks.slack.com/services/T/B/x"),
}
RENDERERS: dict[str, Any] = {
    "alertmanager": lambda letter, words: alertmanager.post(letter, words, installation="noc"),
    "msteams": msteams.post,
    "pagerduty": lambda letter, words: pagerduty.post(letter, words, installation="noc", address="https://pd/"),
    "slack": slack.post,
}
LARGEST = {"alertmanager": 100_000, "msteams": 28_000, "pagerduty": 100_100, "slack": 100_000}
HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=200),
    st.lists(
        st.sampled_from([
            "<!channel>", "<@U1>", "<http://evil|x>", "&lt;", "<at>all</at>", "[x](javascript:a)", "**b**", "{{{DATE(",
            "\u202e", "\u2066", "\x1b[31m", "\r\nBcc: a@b", "🫐", "@here", "</script>", "x" * 500,
        ]),
        max_size=40,
    ).map("".join),
)  # fmt: skip


def posted(slug, notification):
    return RENDERERS[slug](Letter(notification, ADDRESSES[slug]), WRITER.words(notification))


def an_acknowledged_incident():
    tag = Tag(key="host", value="a&b.example.org", added_by=6, added_at=NOON)
    return a_notification(
        id="00000000-0000-0000-0000-000000000011",
        incident=an_incident(
            tags=(tag,), level=Level.CRITICAL, details_url="/alerts/17", ticket_url="https://t.example.org/1?a=1&b=2"
        ),
        event=an_event(type=EventType.ACKNOWLEDGE, actor=ALICE, description="On my way <!channel>"),
    )


@pytest.mark.parametrize("slug", RENDERERS)
def test_a_payload_is_the_golden_one(slug):
    post = posted(slug, an_acknowledged_incident())

    assert json.loads(encoded(post.payload)) == json.loads((GOLDEN / f"{slug}.json").read_text())


@pytest.mark.parametrize("slug", RENDERERS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_people_wrote_a_payload_is_small_and_holds_nothing_unseen(slug, data):
    first, second, third = (data.draw(HOSTILE) for _ in range(3))
    notification = a_notification(
        incident=an_incident(
            description=first * data.draw(st.sampled_from([1, 200])), source=NAV.but(name=second), ticket_url=third,
            source_incident_id=second,
        ),
        event=an_event(description=third, actor=ALICE.but(username=second)),
    )  # fmt: skip

    post = posted(slug, notification)

    assert len(encoded(post.payload)) <= LARGEST[slug]
    assert not [text for text in texts(post.payload) if UNSEEN.search(text.replace("\n", ""))]
    if slug == "slack":
        check_slack(post.payload)
    if slug == "msteams":
        assert not [text for text in texts(post.payload) if "{{" in text]
        assert kinds(post.payload) <= {"message", "AdaptiveCard", "RichTextBlock", "TextRun", "Action.OpenUrl"}


def check_slack(payload):
    """Hold a message against what Slack takes."""
    assert "<" not in payload["text"]
    assert ">" not in payload["text"]
    assert len(payload["blocks"]) <= 50
    for block in payload["blocks"]:
        held = [block.get("text"), *block.get("fields", ()), *block.get("elements", ())]
        assert len(block.get("fields", ())) <= 10
        for text in filter(None, held):
            units = len(text["text"].encode("utf-16-le")) // 2
            assert 0 < units <= (150 if block["type"] == "header" else 2000 if "fields" in block else 3000)
            if text["type"] == "plain_text":
                assert "<" not in text["text"]
            else:
                assert text["verbatim"]
                assert text["text"].startswith("<http")
                assert (text["text"].count("<"), text["text"].count(">"), text["text"].count("|")) == (1, 1, 1)


def texts(payload):
    """Yield all texts in a payload."""
    if isinstance(payload, str):
        yield payload
    elif isinstance(payload, dict | list):
        for each in payload.values() if isinstance(payload, dict) else payload:
            yield from texts(each)


def kinds(payload):
    """Return the types of all elements of a card."""
    if isinstance(payload, dict):
        return set(filter(None, [payload.get("type")])).union(*map(kinds, payload.values()))
    return set().union(*map(kinds, payload)) if isinstance(payload, list) else set()


@pytest.mark.parametrize(
    ("type_", "ended", "action"),
    [
        (EventType.START, None, "trigger"),
        (EventType.RESTART, None, "trigger"),
        (EventType.REOPEN, None, "trigger"),
        (EventType.CHANGE, None, "trigger"),
        (EventType.OTHER, None, "trigger"),
        (EventType.OTHER, NOON, "resolve"),
        (EventType.ACKNOWLEDGE, None, "acknowledge"),
        (EventType.ACKNOWLEDGE, NOON, "resolve"),
        (EventType.END, NOON, "resolve"),
        (EventType.CLOSE, NOON, "resolve"),
        (EventType.END, NOON + timedelta(hours=1), "resolve"),
    ],
)
def test_an_incident_that_is_over_is_never_triggered_at_pagerduty(type_, ended, action):
    assert pagerduty.action(a_notification(incident=an_incident(ended_at=ended), event=an_event(type=type_))) == action


def test_all_events_of_an_incident_have_one_dedup_key_and_one_alert():
    events = [an_acknowledged_incident(), a_notification(incident=an_incident(level=Level.LOW, ended_at=NOON))]

    assert {posted("pagerduty", each).payload["dedup_key"] for each in events} == {"argus-noc-49"}
    (labels, *others) = [posted("alertmanager", each).payload[0]["labels"] for each in events]
    assert others == [labels]


@pytest.mark.parametrize(
    ("changes", "ends"),
    [
        ({}, "2027-11-25T12:00:00Z"),
        ({"ended_at": NOON + timedelta(minutes=5)}, "2026-11-25T12:05:00Z"),
        ({"ended_at": NOON - timedelta(minutes=5)}, "2026-11-25T12:00:00Z"),
        ({"stateful": False}, None),
    ],
)
def test_an_alert_ends_with_its_incident_and_not_before_it_began(changes, ends):
    (alert,) = posted("alertmanager", a_notification(incident=an_incident(**changes))).payload

    assert (alert["startsAt"], alert.get("endsAt")) == ("2026-11-25T12:00:00Z", ends)


def test_the_token_of_an_alertmanager_is_in_a_header_alone():
    post = posted("alertmanager", a_notification())

    assert post.address == "https://alerts.example.org/api/v2/alerts"
    assert post.headers == {"authorization": "Bearer t0ken"}
    assert b"t0ken" not in encoded(post.payload)


@pytest.mark.parametrize(
    ("address", "webhook"),
    [
        ("https://hooks.slack.com/services/T1/B1/x", "https://hooks.slack.com/services/T1/B1/x"),
        ("slack://T1AB/B1CD/xYz9/", "https://hooks.slack.com/services/T1AB/B1CD/xYz9"),
        ("slack://bot@T1AB/B1CD/xYz9/#noc", None),
        ("slack://xoxb-1-2-abc/#noc", None),
    ],
)
def test_slack_is_reached_by_a_webhook_however_it_is_written(address, webhook):
    if webhook is None and "xoxb" in address:
        with pytest.raises(Undeliverable):
            slack.webhook(address)
    else:
        assert slack.webhook(address) == (webhook or "https://hooks.slack.com/services/T1AB/B1CD/xYz9")


def test_an_sms_by_mail_is_the_events_description_or_what_happened():
    def mailed(description):
        notification = a_notification(event=an_event(description=description))
        words = WRITER.words(notification)
        return sms.sms_mail(notification, words, sender="a@b.org", gateway="g@b.org", number="+4712345678")

    assert (mailed("Box\r\ndown")["Subject"], mailed("Box\r\ndown").get_content()) == ("sms +4712345678", "Box\ndown\n")
    assert mailed("").get_content().startswith("'Incident start': Box down, nav1")


@given(HOSTILE)
@settings(max_examples=60, deadline=None)
def test_an_sms_has_one_length_and_a_whole_link(description):
    text = sms.sms_text(WRITER.words(a_notification(incident=an_incident(description=description))))

    assert len(text) <= sms.LONGEST
    assert text.endswith(" https://argus.example.org/incidents/49/")


def test_a_text_cannot_take_the_place_of_a_number():
    fields = {"to": ["{number}"], "text": "to {number}: {text}", "flash": False}

    assert sms.filled(fields, "+47", "{number} {text}") == {
        "to": ["+47"], "text": "to +47: {number} {text}", "flash": False,
    }  # fmt: skip


def test_apprise_gets_all_there_is_to_say():
    body = apprise.body(WRITER.words(an_acknowledged_incident()))

    for said in (
        "acknowledged.",
        "Who: alice",
        "On my way <!channel>",
        "Level: Critical (1)",
        "incidents/49/",
        "profile prof",
    ):
        assert said in body
