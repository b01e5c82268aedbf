"""Messages: what people receive; pure but for the templates, which are read once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from argus_domain.urls import details_url
from argus_media import Message
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
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def is_link(text: str) -> bool:
    """Tell whether a text may be shown as something to click on."""
    whole = not text.endswith("…") and not any(character.isspace() for character in text)
    return whole and text.startswith(("http://", "https://"))


ENVIRONMENT = Environment(
    loader=PackageLoader("argus_dispatch"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
ENVIRONMENT.tests["link"] = is_link


@dataclass(frozen=True, slots=True)
class Words:
    """What there is to say of a notification, for every medium; no character in it is unseen, and no markup escaped."""

    title: str
    """One line that says what happened, as Argus does."""
    headline: str
    """One line that says what it is about: level, description and source."""
    happened: str
    """One sentence."""
    description: str
    """The incident's; it may have several lines."""
    said: str
    """What the event adds to it, in several lines; often nothing."""
    facts: tuple[tuple[str, str], ...]
    """Names and values, a line each."""
    link: str
    why: str
    """Why this person is told."""
    stop: str
    """How to be told no more."""

    def shortened(self, longest: int) -> "Words":
        """Return them with no text longer than `longest` characters but for the link."""
        facts = tuple((name, shortened(value, longest)) for name, value in self.facts)
        texts = {
            name: shortened(getattr(self, name), longest)
            for name in ("title", "headline", "description", "said", "why")
        }
        return replace(self, facts=facts, **texts)


@dataclass(frozen=True, slots=True)
class Writer:
    """Renders notifications in the words of one installation."""

    base_url: str
    zone: tzinfo
    subject_prefix: str = "[Argus] "

    def write(self, notification: Notification) -> Message:
        """Return the message of a notification."""
        words = self.words(notification)
        given = {"words": words, "incident": notification.incident, "event": notification.event}
        return Message(
            subject=self.subject_prefix + words.title,
            text=ENVIRONMENT.get_template("email.txt").render(given),
            html=ENVIRONMENT.get_template("email.html").render(given),
        )

    def words(self, notification: Notification) -> Words:
        """Return what there is to say of a notification."""
        incident, event = notification.incident, notification.event
        description, said = lines(incident.description), lines(event.description)
        profiles = ", ".join(single_line(reason.name) or f"#{reason.profile}" for reason in notification.reasons)
        asked = f"your notification profile {profiles} asks" if profiles else "somebody asked"
        return Words(
            title=title(incident, event, notification.purpose),
            headline=headline(incident),
            happened=(_sentence(notification.note) or HAPPENED[event.type]) + ".",
            description=description,
            said="" if said == description else said,
            facts=tuple((name, value) for name, text in self._facts(incident, event) if (value := single_line(text))),
            link=incident_link(self.base_url, incident),
            why=f"You are told since {asked} for this.",
            stop=f"To be told no more, change or switch off the profile at {profiles_link(self.base_url)}",
        )

    def _facts(self, incident: Incident, event: Event) -> Iterator[tuple[str, str]]:
        """Yield names and values; a value may be empty."""
        yield "What", f"{event.type.display} ({event.type.value})"
        yield "Who", event.actor.username
        yield "When", self._moment(event.occurred_at)
        yield "Source", f"{incident.source.name} ({incident.source.type})"
        yield "Level", f"{LEVELS[incident.level]} ({incident.level.value})"
        if incident.stateful:
            yield "Since", self._moment(incident.start_time)
            yield "Until", self._moment(incident.ended_at) if incident.ended_at else "still open"
        yield "Tags", ", ".join(str(tag) for tag in incident.tags)
        yield "Id there", incident.source_incident_id
        yield "Details", details_url(incident.details_url, incident.source.base_url)
        yield "Ticket", incident.ticket_url

    def _moment(self, moment: datetime) -> str:
        try:
            return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S %Z")
        except OverflowError:  # at the edge of the calendar
            return moment.isoformat(" ")


def title(incident: Incident, event: Event, purpose: str = ORDINARY) -> str:
    """Return what happened in one line, as Argus says it (specification 5.3), after the purpose if it is another."""
    why = "" if purpose == ORDINARY else f"{single_line(purpose).capitalize()}: "
    what, who = f"{why}'{event.type.display}': ", f", {single_line(event.actor.username)} @ {_plain(event.occurred_at)}"
    return what + shortened(single_line(incident.description), LONGEST_SUBJECT - len(what) - len(who)) + who


def headline(incident: Incident) -> str:
    """Return what an incident is about in one line."""
    what, where = f"{LEVELS[incident.level]}: ", f" ({shortened(single_line(incident.source.name), 60)})"
    about = single_line(incident.description) or f"incident {incident.pk}"
    return what + shortened(about, LONGEST_SUBJECT - len(what) - len(where)) + where


def _sentence(note: str) -> str:
    """Return a note as it begins a sentence; somebody's description of a task may end it."""
    line = single_line(note).rstrip(". ")
    return line[:1].upper() + line[1:]


def incident_link(base_url: str, incident: Incident) -> str:
    """Return the address of an incident in this installation."""
    return f"{base_url.rstrip('/')}/incidents/{incident.pk}/"


def profiles_link(base_url: str) -> str:
    """Return the address where people change what they are told of."""
    return f"{base_url.rstrip('/')}/notificationprofiles/"


def shortened(text: str, longest: int) -> str:
    """Return a text of at most `longest` characters, and an ellipsis where some are missing."""
    return text if len(text) <= longest else text[: max(longest - 1, 0)] + "…"


def lines(text: str) -> str:
    """Return `text` without characters that are not seen, except for its line breaks."""
    return "\n".join(UNSEEN.sub(" ", line).rstrip() for line in text.splitlines()).strip("\n")


def single_line(text: str) -> str:
    """Return `text` without line breaks and other characters that have no place in a header."""
    return " ".join(UNSEEN.sub(" ", text).split())


def _plain(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(" ")
