"""What a ticket says: title, body, labels and fields, made from an incident whose texts nobody vouches for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Template
from typing import Any

from argus_tickets.errors import NotConfigured
from argus_tickets.plugin import Configuration, Facts
from argus_tickets.reading import INFORMATION, selected, selections, table, text, texts

LONGEST_TITLE = 250
LONGEST_VALUE = 10_000
"""Of one part of an incident in a ticket; the rest is in Argus."""
URLS = {"details_url", "argus_url"}
NAMES = (
    "pk", "description", "level", "start_time", "end_time", "source", "source_type", "source_incident_id", "tags",
    "details_url", "argus_url", "user",
)  # fmt: skip
"""What templates may name, besides `tag_<key>`."""

SAFE_URL = re.compile(r"https?://[^\s<>\"'`|\\{}\[\]()*^~]+")
TITLE = "$description"
BODY = (
    ("Description", "$description"), ("Level", "$level"), ("Start", "$start_time"),
    ("Source", "$source ($source_type), $source_incident_id"), ("Tags", "$tags"), ("Details", "$details_url"),
    ("Argus", "$argus_url"), ("Ticket asked for by", "$user"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Markup:
    """How a ticket system formats text."""

    escape: Callable[[str], str]
    """Make a text of somebody else's mean nothing but itself."""
    strong: str
    """A template of `$text`, in bold."""
    end_of_line: str = "\n"


def _markdown(value: str) -> str:
    # a zero width space keeps names and numbers from becoming mentions, which would notify people or link issues
    return re.sub(r"([@#!])(?=\w)", "\\1\u200b", re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~/&$:])", r"\\\1", value))


MARKDOWN = Markup(_markdown, "**$text**", "  \n")
JIRA = Markup(lambda value: re.sub(r"([\\{}\[\]()*_\-+^~!|#?])", r"\\\1", value), "*$text*")
PLAIN = Markup(lambda value: value, "$text")


class Wording:
    """The texts of tickets, as `ARGUS_TICKET_INFORMATION` wishes them."""

    def __init__(self, configuration: Configuration, markup: Markup) -> None:
        information = configuration.information
        self._markup = markup
        self._title = _template(text(information, "title_template", TITLE))
        self._body = _template(text(information, "body_template", default_body(markup)))
        self._labels = texts(information, "labels_set")
        self._labels_of = selections(information, "labels_mapping")
        self._fields = table(information, "custom_fields_set")
        self._fields_of = selected(information, "custom_fields_mapping")

    def title(self, facts: Facts) -> str:
        """Return one line without markup."""
        filled = self._title.substitute(_Parts(facts, lambda value: value))
        return one_line(filled)[:LONGEST_TITLE] or f"Incident {facts.incident.get('pk', '')}"

    def body(self, facts: Facts) -> str:
        """Return the text, in which nothing of the incident's is markup."""
        return self._body.substitute(_Parts(facts, self._markup.escape))

    def labels(self, facts: Facts) -> list[str]:
        """Return the labels, each once."""
        found = (value for part in self._labels_of for value in values_of(facts, part))
        return list(dict.fromkeys([*self._labels, *(value for value in map(one_line, found) if value)]))

    def fields(self, facts: Facts) -> dict[str, Any]:
        """Return the custom fields by their names; those that the incident does not fill are left out."""
        filled = {name: ", ".join(map(one_line, values_of(facts, part))) for name, part in self._fields_of.items()}
        return {**self._fields, **{name: value for name, value in filled.items() if value}}


class _Parts(Mapping[str, str]):
    """The parts of an incident by the names that templates use; a tag that is not there is empty."""

    def __init__(self, facts: Facts, escape: Callable[[str], str]) -> None:
        self._facts = facts
        self._escape = escape

    def __getitem__(self, name: str) -> str:
        part = {"tag": name.removeprefix("tag_")} if name.startswith("tag_") else name
        value = one_line(", ".join(values_of(self._facts, part)))[:LONGEST_VALUE]
        return value if name in URLS and SAFE_URL.fullmatch(value) else self._escape(value)

    def __iter__(self) -> Any:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


def default_body(markup: Markup) -> str:
    """Return the template of a body where the settings have none."""
    strong = Template(markup.strong)
    return "".join(f"{strong.substitute(text=f'{name}:')} {value}{markup.end_of_line}" for name, value in BODY)


def values_of(facts: Facts, part: Any) -> list[str]:
    """Return what an incident has of a part: an attribute as the API names it, or the values of a tag."""
    incident = facts.incident
    tags = [str(tag["tag"] if isinstance(tag, dict) else tag) for tag in incident.get("tags") or ()]
    if isinstance(part, dict):
        return [tag.partition("=")[2] for tag in tags if tag.partition("=")[0] == part["tag"]]
    if part == "tags":
        return tags
    if part == "source_type":
        return [_text((incident.get("source") or {}).get("type"))]
    said = {"argus_url": facts.argus_url, "user": facts.user}.get(part, incident.get(part))
    return [value] if (value := _text(said)) else []


def one_line(value: str) -> str:
    """Return a text without line breaks and control characters, which could begin something new where it is put."""
    return " ".join("".join(char if char.isprintable() else " " for char in value).split())


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("name")
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _template(said: str) -> Template:
    template = Template(said)
    named = template.get_identifiers() if template.is_valid() else ["$"]
    unknown = [name for name in named if name not in NAMES and not name.startswith("tag_")]
    if unknown:
        raise NotConfigured(
            f'A ticket template names what no incident has: {unknown[0]}. Please update the setting "{INFORMATION}".'
        )
    return template
