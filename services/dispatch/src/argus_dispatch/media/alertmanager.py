"""Alertmanager: its API v2, one alert for each incident."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from argus_dispatch.media.posting import Post, Posting, fitting, open_posting
from argus_dispatch.messages import LEVELS, Words, single_line
from argus_dispatch.representation import moment_view
from argus_dispatch.settings import Settings
from argus_media import Letter
from argus_media.bundled.alertmanager import AlertmanagerSettings, labels_of
from argus_schemas.incident import Incident
from argus_schemas.notification import Notification

LARGEST = 100_000
PATH = "/api/v2/alerts"
OPEN_FOR = timedelta(days=365)
"""How long an alert of an open incident burns if we say nothing more; without an end it would for five minutes."""


def payload(
    notification: Notification, words: Words, *, installation: str, labels: dict[str, str]
) -> list[dict[str, Any]]:
    """Return the alert.

    Its labels are what an incident never changes, since other labels are another alert: the level, tags and all else
    are annotations.
    """
    incident = notification.incident
    alert = {
        "labels": labels | {
            "alertname": "ArgusIncident",
            "installation": installation,
            "incident": str(incident.pk),
            "source": single_line(incident.source.name),
            "source_type": single_line(incident.source.type),
        },
        "annotations": {
            "summary": words.headline,
            "happened": words.happened,
            "description": words.description,
            "said": words.said,
            "severity": LEVELS[incident.level].lower(),
            **{name.lower().replace(" ", "_"): value for name, value in words.facts},
            "why": words.why,
            "stop": words.stop,
        },
        "startsAt": moment_view(incident.start_time, UTC),
        "generatorURL": words.link,
    }  # fmt: skip
    if ends_at := _end(incident, notification.event.occurred_at):
        alert["endsAt"] = moment_view(ends_at, UTC)
    return [alert]


def _end(incident: Incident, at: datetime) -> datetime | None:
    """Return when the alert is over; of what has no duration Alertmanager decides."""
    if not incident.stateful:
        return None
    if incident.ended_at is not None:
        return max(incident.ended_at, incident.start_time)
    last = datetime.max.replace(tzinfo=UTC)
    start = max(at, incident.start_time)
    return start + OPEN_FOR if start < last - OPEN_FOR else last


def post(letter: Letter, words: Words, *, installation: str) -> Post:
    """Return what is posted to a destination."""
    said = letter.settings
    render = partial(payload, letter.notification, installation=installation, labels=labels_of(said.labels))
    address = said.url.rstrip("/").removesuffix(PATH) + PATH
    headers = {"authorization": f"Bearer {said.token}"} if said.token else {}
    return Post(address, fitting(render, words, LARGEST), headers)


def open_alertmanager(settings: Settings) -> AbstractAsyncContextManager[Posting]:
    """Give the medium with its pool of connections."""
    return open_posting(settings, AlertmanagerSettings, partial(post, installation=settings.installation_name))
