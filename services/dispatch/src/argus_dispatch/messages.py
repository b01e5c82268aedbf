"""Messages: what people receive; pure but for the templates, which are read once."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from argus_domain.urls import details_url
from argus_schemas.incident import Event, Incident
from argus_schemas.notification import ORDINARY, Notification
from argus_schemas.words import EventType, Level

LEVELS = {
    Level.CRITICAL: "Critical",
    Level.HIGH: "High",
    Level.MODERATE: "Moderate",
    Level.LOW: "Low",
    Level.INFORMATION: "Information",
}
HAPPENED = {
    EventType.START: "A new incident started",
    EventType.END: "The incident ended",
    EventType.CHANGE: "The incident changed",
    EventType.RESTART: "The incident started again",
    EventType.CLOSE: "The incident was closed",
    EventType.REOPEN: "The incident was opened again",
    EventType.ACKNOWLEDGE: "The incident was acknowledged",
    EventType.OTHER: "Something happened to the incident",
    EventType.STATELESS: "Something happened",
}
LONGEST_SUBJECT = 200
# What breaks a line or is not shown: control characters, line and paragraph separators, and marks of direction.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")

ENVIRONMENT = Environment(
    loader=PackageLoader("argus_dispatch"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered notification."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Renders notifications in the words of one installation."""

    base_url: str
    zone: tzinfo
    subject_prefix: str = "[Argus] "

    def write(self, notification: Notification) -> Message:
        """Return the message of a notification."""
        incident, event = notification.incident, notification.event
        words = {
            "incident": incident,
            "event": event,
            "happened": _sentence(notification.note) or HAPPENED[event.type],
            "level": LEVELS[incident.level],
            "since": self._moment(incident.start_time),
            "until": self._moment(incident.ended_at) if incident.ended_at else "",
            "occurred": self._moment(event.occurred_at),
            "details_url": details_url(incident.details_url, incident.source.base_url),
            "link": incident_link(self.base_url, incident),
            "profiles": ", ".join(single_line(reason.name) or f"#{reason.profile}" for reason in notification.reasons),
            "title": title(incident, event, notification.purpose),
        }
        return Message(
            subject=self.subject_prefix + title(incident, event, notification.purpose),
            text=ENVIRONMENT.get_template("email.txt").render(words),
            html=ENVIRONMENT.get_template("email.html").render(words),
        )

    def _moment(self, moment: datetime) -> str:
        try:
            return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S %Z")
        except OverflowError:  # at the edge of the calendar
            return moment.isoformat(" ")


def title(incident: Incident, event: Event, purpose: str = ORDINARY) -> str:
    """Return what happened in one line, as Argus says it (specification 5.3), after the purpose if it is another."""
    why = "" if purpose == ORDINARY else f"{single_line(purpose).capitalize()}: "
    what, who = f"{why}'{event.type.display}': ", f", {single_line(event.actor.username)} @ {_plain(event.occurred_at)}"
    room = LONGEST_SUBJECT - len(what) - len(who)
    description = single_line(incident.description)
    return what + (description if len(description) <= room else description[: max(room - 1, 0)] + "…") + who


def _sentence(note: str) -> str:
    """Return a note as it begins a sentence; somebody's description of a task may end it."""
    line = single_line(note).rstrip(". ")
    return line[:1].upper() + line[1:]


def incident_link(base_url: str, incident: Incident) -> str:
    """Return the address of an incident in this installation."""
    return f"{base_url.rstrip('/')}/incidents/{incident.pk}/"


def single_line(text: str) -> str:
    """Return `text` without line breaks and other characters that have no place in a header."""
    return " ".join(UNSEEN.sub(" ", text).split())


def _plain(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(" ")
