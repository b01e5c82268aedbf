"""Incidents as API v2 shows them."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from argus_dispatch.representation import end_view, event_view, incident_view, moment_view, notification_view
from argus_http import v2
from argus_schemas.incident import Acknowledgement, Tag
from tests.builders import NAV, NOON, a_notification, an_event, an_incident


def test_an_end_is_a_moment_infinity_or_nothing():
    assert end_view(an_incident(), UTC) == "infinity"
    assert end_view(an_incident(ended_at=NOON), UTC) == "2026-11-25T12:00:00Z"
    assert end_view(an_incident(stateful=False), UTC) is None


def test_moments_are_on_the_clocks_of_the_installation():
    assert moment_view(NOON + timedelta(microseconds=5), ZoneInfo("Europe/Oslo")) == "2026-11-25T13:00:00.000005+01:00"


@pytest.mark.parametrize(
    "own", ["", "x/1", "/x", "http://other/1", " x ", "http://[broken", "javascript:1", "ftp://a/b"]
)
@pytest.mark.parametrize("base", ["", "http://nav1.example.org/a/", "nav1.example.org"])
def test_a_webhook_shows_an_incident_as_the_api_does(own, base):
    tag = Tag(key="host", value="a=b", added_by=6, added_at=NOON)
    incident = an_incident(
        tags=(tag,), acks=(Acknowledgement(event=1, expires_at=NOON),), details_url=own, metadata={"a": [1, None]},
        ended_at=NOON + timedelta(hours=1), source=NAV.but(base_url=base),
    )  # fmt: skip
    zone = ZoneInfo("Europe/Oslo")

    assert incident_view(incident, NOON, zone) == v2.incident(incident, acked=False, at=NOON, zone=zone)


def test_what_was_due_shows_the_incident_as_it_was_then_and_not_as_at_its_event():
    ack = Acknowledgement(event=60, expires_at=NOON + timedelta(minutes=20))
    told = a_notification(incident=an_incident(acks=(ack,), ended_at=NOON + timedelta(minutes=30)))
    later = told.but(purpose="settled", matched_at=NOON + timedelta(hours=1))

    shown = [notification_view(each, UTC)["data"]["incident"] for each in (told, later)]

    assert [(each["open"], each["acked"]) for each in shown] == [(True, True), (False, False)]


def test_a_webhook_shows_an_event_as_the_api_does():
    event = an_event(received_at=NOON + timedelta(microseconds=7))

    assert event_view(event, UTC) == v2.event(event, UTC)
