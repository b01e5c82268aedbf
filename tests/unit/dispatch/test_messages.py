"""What people receive."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus_dispatch.messages import LONGEST_SUBJECT, UNSEEN, Writer, single_line, title
from argus_schemas.incident import Tag
from argus_schemas.notification import Reason
from argus_schemas.words import EventType, Level
from tests.builders import ALICE, NAV, NOON, a_notification, an_event, an_incident

WRITER = Writer("https://argus.example.org/", ZoneInfo("Europe/Oslo"))
STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


def test_the_subject_says_what_happened_as_argus_does():
    message = WRITER.write(a_notification())

    assert message.subject == "[Argus] 'Incident start': Box down, nav1 @ 2026-11-25 12:00:00+00:00"


@pytest.mark.parametrize("kind", ["text", "html"])
def test_a_message_stands_alone(kind):
    tag = Tag(key="host", value="a.example.org", added_by=6, added_at=NOON)
    notification = a_notification(
        incident=an_incident(tags=(tag,), level=Level.CRITICAL, details_url="/alerts/17", ticket_url="http://t/1"),
        event=an_event(type=EventType.ACKNOWLEDGE, actor=ALICE, description="I am on my way"),
        reasons=(Reason(profile=11, name="On call"), Reason(profile=12)),
    )

    body = getattr(WRITER.write(notification), kind)

    for said in (
        "acknowledged", "alice", "nav1 (nav)", "Critical", "host=a.example.org", "2026-11-25 13:00:00 CET", "Box down",
        "I am on my way", "http://nav1.example.org/alerts/17", "http://t/1", "https://argus.example.org/incidents/49/",
        "On call, #12", "still open", "nav-17",
    ):  # fmt: skip
        assert said in body


def test_an_ended_incident_says_until_when():
    assert (
        "Until:    2026-11-25 14:00:00 CET"
        in WRITER.write(a_notification(incident=an_incident(ended_at=NOON + timedelta(hours=1)))).text
    )


def test_a_stateless_incident_has_no_duration():
    text = WRITER.write(a_notification(incident=an_incident(stateful=False))).text

    assert "Since" not in text
    assert "still open" not in text


def test_html_shows_what_somebody_wrote_and_does_not_run_it():
    hostile = "<script>alert(1)</script>"
    source = NAV.but(name=hostile)
    message = WRITER.write(
        a_notification(
            incident=an_incident(description=hostile, source=source, details_url="javascript:alert(1)"),
            reasons=(Reason(profile=1, name=hostile),),
        )
    )

    assert "<script>" not in message.html
    assert 'href="javascript' not in message.html
    assert hostile in message.text


def test_a_template_in_a_description_is_text():
    assert "{{ 7 * 7 }}" in WRITER.write(a_notification(incident=an_incident(description="{{ 7 * 7 }}"))).text


def test_a_line_break_in_a_description_stays_out_of_the_subject():
    assert WRITER.write(a_notification(incident=an_incident(description="a\r\nBcc: eve@example.org"))).subject == (
        "[Argus] 'Incident start': a Bcc: eve@example.org, nav1 @ 2026-11-25 12:00:00+00:00"
    )


@given(STORABLE)
def test_whatever_the_description_the_subject_is_one_short_line(description):
    subject = title(an_incident(description=description), an_event())

    assert len(subject) <= LONGEST_SUBJECT
    assert subject.splitlines() == [subject]
    assert not UNSEEN.search(subject)


@settings(max_examples=50)
@given(STORABLE, STORABLE, STORABLE)
def test_every_notification_can_be_written(description, name, profile):
    source = NAV.but(name=name, base_url=name)
    incident = an_incident(description=description, source=source, details_url=description, ticket_url=name)

    WRITER.write(a_notification(incident=incident, reasons=(Reason(profile=1, name=profile),)))


@pytest.mark.parametrize("moment", ["0001-01-01", "9999-12-31T23:59:59"])
def test_the_edges_of_the_calendar_can_be_written(moment):
    edge = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    for zone in ("Pacific/Kiritimati", "America/Los_Angeles"):
        writer = Writer("http://x", ZoneInfo(zone))
        assert writer.write(a_notification(incident=an_incident(start_time=edge, ended_at=edge))).text


def test_what_is_not_seen_becomes_a_space():
    assert single_line(" a\u2028b\u202ec\x85d\te ") == "a b c d e"


@pytest.mark.parametrize(
    ("purpose", "note", "subject", "first"),
    [
        (
            "escalation 2",
            "nobody has acknowledged the incident within 15 minutes",
            "[Argus] Escalation 2: 'Incident start': Box down",
            "Nobody has acknowledged the incident within 15 minutes.",
        ),
        (
            "maintenance over",
            "planned maintenance 21 is over: new\r\nfirmware.",
            "[Argus] Maintenance over: 'Incident start': Box down",
            "Planned maintenance 21 is over: new firmware.",
        ),
        ("settled", "", "[Argus] Settled: 'Incident start': Box down", "A new incident started."),
    ],
)
def test_a_message_says_why_it_is_sent_where_its_event_does_not(purpose: str, note: str, subject: str, first: str):
    message = WRITER.write(a_notification(purpose=purpose, note=note))

    assert message.subject.startswith(subject)
    assert message.text.splitlines()[0] == first
    assert f"<p>{first}</p>" in message.html


@settings(max_examples=50)
@given(STORABLE, STORABLE)
def test_nothing_unseen_is_in_words(description, name):
    said = WRITER.words(
        a_notification(
            incident=an_incident(description=description, source=NAV.but(name=name), ticket_url=name),
            event=an_event(description=name),
            reasons=(Reason(profile=1, name=description),),
        )
    )

    for text in (said.title, said.happened, said.why, *(value for _, value in said.facts)):
        assert not UNSEEN.search(text)
    assert not UNSEEN.search((said.description + said.said).replace("\n", ""))


def test_words_can_be_shortened_and_keep_their_link():
    said = WRITER.words(a_notification(incident=an_incident(description="x" * 1000))).shortened(20)

    assert said.description == "x" * 19 + "…"
    assert max(len(value) for _, value in said.facts) == 20
    assert said.link == "https://argus.example.org/incidents/49/"


def test_a_message_says_how_to_be_told_no_more():
    assert "https://argus.example.org/notificationprofiles/" in WRITER.write(a_notification()).text
