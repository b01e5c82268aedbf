"""PagerDuty: Events API v2, one alert for each incident."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC
from functools import partial
from typing import Any

from argus_dispatch.media.posting import Post, Posting, fitting, open_posting
from argus_dispatch.messages import Words, is_link, shortened, single_line
from argus_dispatch.representation import moment_view
from argus_dispatch.settings import Settings
from argus_domain.states import is_open
from argus_media import Letter
from argus_media.bundled.pagerduty import PagerDutySettings
from argus_schemas.notification import Notification
from argus_schemas.words import EventType, Level

LARGEST = 100_000
"""Bytes; PagerDuty takes five times as many."""
LONGEST_SUMMARY = 1024
LONGEST_NAME = 255

SEVERITIES = {Level.CRITICAL: "critical", Level.HIGH: "error", Level.MODERATE: "warning"}
THE_END = {EventType.END, EventType.CLOSE}


def payload(notification: Notification, words: Words, *, installation: str) -> dict[str, Any]:
    """Return the event, but for its routing key."""
    incident, event = notification.incident, notification.event
    links = [{"href": words.link, "text": "Incident in Argus"}]
    links += [{"href": value, "text": name} for name, value in words.facts if is_link(value)]
    return {
        "event_action": action(notification),
        "dedup_key": f"argus-{installation}-{incident.pk}",
        "client": "Argus",
        "client_url": words.link,
        "links": links,
        "payload": {
            "summary": shortened(words.headline, LONGEST_SUMMARY),
            "source": shortened(single_line(incident.source.name) or "argus", LONGEST_NAME),
            "severity": SEVERITIES.get(incident.level, "info"),
            "timestamp": moment_view(event.occurred_at, UTC),
            "group": shortened(single_line(incident.source.type), LONGEST_NAME),
            "class": event.type.display,
            "custom_details": {
                "Happened": words.happened,
                "Description": words.description,
                **({"Said": words.said} if words.said else {}),
                **dict(words.facts),
                "Why": words.why,
                "Stop": words.stop,
                "Notification": str(notification.id),
            },
        },
    }


def action(notification: Notification) -> str:
    """Return what is done to the alert; what happens to an incident that is over does not open it again."""
    incident, event = notification.incident, notification.event
    if event.type in THE_END or (incident.stateful and not is_open(incident, event.occurred_at)):
        return "resolve"
    return "acknowledge" if event.type is EventType.ACKNOWLEDGE else "trigger"


def post(letter: Letter, words: Words, *, installation: str, address: str) -> Post:
    """Return what is posted for a destination."""
    made = fitting(partial(payload, letter.notification, installation=installation), words, LARGEST)
    return Post(address, {"routing_key": letter.settings.routing_key, **made})


def open_pagerduty(settings: Settings) -> AbstractAsyncContextManager[Posting]:
    """Give the medium with its pool of connections."""
    render = partial(post, installation=settings.installation_name, address=settings.pagerduty_url)
    return open_posting(settings, PagerDutySettings, render)
