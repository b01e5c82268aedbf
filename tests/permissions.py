"""Who may do what: one line for each endpoint, and what each kind of caller is answered.

`tests/integration/{api,ingest}/test_permissions.py` try every line; `make docs` makes docs/permissions.md of it.
In paths and bodies, `{filter}` and the like stand for something that belongs to `user`; `{my …}` belongs to whoever
asks; each request gets its own, so that the lines do not depend on one another. `[23]` stands for both versions.
"""
# ruff: noqa: E501  a table reads best with one line to a line

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

ROLES = ("anonymous", "source", "user", "other", "staff", "superuser", "expired")
"""Nobody; a source, to which the incident belongs; a person, to whom the rest belongs; another person; one that is
staff; a superuser; and a person whose token has expired."""

Answers = dict[str, int]


@dataclass(frozen=True)
class Line:
    """An endpoint, and what each kind of caller is answered."""

    method: str
    path: str
    answers: Answers
    body: Any = None
    about: str = ""
    key: str = "cli"
    """The kind of the token that is used."""

    @property
    def name(self) -> str:
        """What the line is called in a test's name."""
        return " ".join(filter(None, (self.method, self.path, self.about)))

    def paths(self) -> Iterator[str]:
        """Give the path for each of its versions."""
        parts = re.split(r"\[(\w+)\]", self.path)
        for choice in product(*parts[1::2]):
            yield "".join(a + b for a, b in zip(parts[::2], (*choice, ""), strict=True))


@dataclass(frozen=True)
class Chapter:
    """Lines that belong together."""

    title: str
    lines: tuple[Line, ...]
    says: str = field(default="")


def everybody(status: int) -> Answers:
    """Return the same for all: nobody is asked who he is."""
    return dict.fromkeys(ROLES, status)


def known(status: int, **others: int) -> Answers:
    """Return the same for all who are known, but for those named."""
    return everybody(status) | others | {"anonymous": 401, "expired": 401}


def owner(status: int, others: int) -> Answers:
    """Return what the owner is answered, and what everybody else is."""
    return known(others, user=status)


def staff(status: int) -> Answers:
    """Return what staff is answered; all else may not."""
    return known(403, staff=status, superuser=status)


def superuser(status: int) -> Answers:
    """Return what a superuser is answered; all else may not."""
    return known(403, superuser=status)


CAROL = {"username": "carol", "password": "pw"}
NAMED = {"name": "n {unique}"}
FILTER = NAMED | {"filter": {"open": True}}
TIMESLOT = NAMED | {"time_recurrences": [{"days": [1], "start": "08:00", "end": "16:00"}]}
DATES = NAMED | {"dates": ["2026-12-25"]}
EMAIL = {"media": "email", "settings": {"email_address": "u{unique}@example.org"}}
PROFILE = {"timeslot": "{my timeslot}", "filters": ["{my filter}"], "destinations": []}
SOURCE = {"name": "s{unique}", "type": "nav"}
TASK = {"start_time": "2999-01-01T00:00:00Z", "end_time": "2999-01-02T00:00:00Z", "filters": ["{my filter}"]}
INCIDENT = {"start_time": "2025-11-25T00:00:00Z", "tags": []}
MOMENT = "2025-11-25T01:00:00Z"
V2, V3, V23 = "/api/v2/", "/api/v3/", "/api/v[23]/"
PROFILES, PROFILES23 = V2 + "notificationprofiles/", V23 + "notificationprofiles/"
TASKS = V23 + "plannedmaintenance/"
LISTS = V3 + "notificationprofiles/date-lists/"
ONE = V2 + "incidents/{incident}/"
ONE23 = V23 + "incidents/{incident}/"

API = (
    Chapter(
        "Public",
        (
            Line("GET", "/api/", everybody(200)),
            Line("GET", "/api/schema/", everybody(200)),
            Line("GET", V23 + "schema/", everybody(200)),
            Line("GET", "/.still-alive/", everybody(204)),
            Line("GET", "/api/v1/", everybody(410)),
            Line("POST", "/api/v1/{text}/", everybody(410)),
            Line("POST", V2 + "token-auth/", everybody(200), CAROL, about="with a password"),
            Line("POST", V2 + "auth/token/login/", everybody(200), CAROL, about="with a password"),
            Line("POST", "/accounts/login/", everybody(204), CAROL, about="with a password"),
        ),
    ),
    Chapter(
        "Oneself",
        (
            Line("POST", V2 + "auth/token/login/", known(200) | {"anonymous": 403, "expired": 403}, about="with a token"),
            Line("POST", V2 + "auth/refresh-token/", known(200)),
            Line("POST", V2 + "auth/refresh-token/", known(400), key="knox", about="with a login, without a token"),
            Line("POST", V2 + "auth/token/logout/", known(204), key="knox"),
            Line("POST", V2 + "auth/token/logout/", known(401), about="with a token that is no login"),
            Line("POST", V2 + "auth/token/logoutall", known(204), key="knox"),
            Line("POST", "/accounts/logout/", known(204)),
            Line("GET", V2 + "auth/user/", known(200)),
            Line("GET", V2 + "auth/users/{user}/", known(200)),
            Line("GET", V3 + "auth/user/quiet/", known(200)),
            Line("PUT", V3 + "auth/user/quiet/", known(200), {"until": "{tomorrow}"}),
            Line("DELETE", V3 + "auth/user/quiet/", known(204)),
            Line("GET", "/.error/", known(400)),
        ),
    ),
    Chapter(
        "Reading incidents",
        (
            Line("GET", V23 + "incidents/", known(200)),
            Line("GET", V23 + "incidents/mine/", known(200)),
            Line("GET", ONE23, known(200)),
            Line("GET", ONE23 + "tags/", known(200)),
            Line("GET", ONE23 + "tags/a=1/", known(200)),
            Line("GET", V2 + "incidents/events/", known(200)),
            Line("GET", ONE + "events/", known(200)),
            Line("GET", ONE + "events/{event}/", known(200)),
            Line("GET", ONE + "acks/", known(200)),
            Line("GET", ONE + "acks/{ack}/", known(200)),
            Line("GET", V3 + "incidents/{incident}/notifications/", known(200)),
        ),
        "Whoever is known sees all incidents; of notifications, people see their own and staff sees all.",
    ),
    Chapter(
        "Sources",
        (
            Line("GET", V23 + "incidents/sources/", known(200)),
            Line("POST", V23 + "incidents/sources/", superuser(201), SOURCE),
            Line("GET", V23 + "incidents/sources/{source}/", known(200)),
            Line("PUT", V23 + "incidents/sources/{source}/", superuser(200), {"name": "s{unique}"}),
            Line("PATCH", V23 + "incidents/sources/{source}/", superuser(200), {"name": "s{unique}"}),
            Line("GET", V2 + "incidents/source-types/", known(200)),
            Line("POST", V2 + "incidents/source-types/", known(201), {"name": "t{unique}"}),
            Line("GET", V2 + "incidents/source-types/nav/", known(200)),
        ),
    ),
    Chapter(
        "Filters",
        (
            Line("GET", PROFILES + "filters/", known(200)),
            Line("POST", PROFILES + "filters/", known(201), FILTER),
            Line("GET", PROFILES + "filters/{filter}/", owner(200, 404)),
            Line("GET", PROFILES + "filters/{public filter}/", owner(200, 403), about="a public one"),
            Line("PUT", PROFILES + "filters/{filter}/", owner(200, 404), FILTER),
            Line("PATCH", PROFILES + "filters/{filter}/", owner(200, 404), {"public": False}),
            Line("PATCH", PROFILES + "filters/{public filter}/", owner(200, 404), {"public": False}, about="a public one"),
            Line("DELETE", PROFILES + "filters/{filter}/", owner(204, 404)),
            Line("DELETE", PROFILES + "filters/{public filter}/", owner(204, 404), about="a public one"),
            Line("POST", PROFILES + "filterpreview/", known(200), {"open": True}),
            Line("POST", PROFILES + "preview/", known(200), {"open": True}),
        ),
    ),
    Chapter(
        "Timeslots and date lists",
        (
            Line("GET", PROFILES23 + "timeslots/", known(200)),
            Line("POST", PROFILES23 + "timeslots/", known(201), TIMESLOT),
            Line("GET", PROFILES23 + "timeslots/{timeslot}/", owner(200, 404)),
            Line("PUT", PROFILES23 + "timeslots/{timeslot}/", owner(200, 404), TIMESLOT),
            Line("PATCH", PROFILES23 + "timeslots/{timeslot}/", owner(200, 404), NAMED),
            Line("DELETE", PROFILES23 + "timeslots/{timeslot}/", owner(204, 404)),
            Line("POST", V3 + "notificationprofiles/timeslots/", owner(201, 400), TIMESLOT | {"exceptions": ["{date list}"]}, about="with a date list"),
            Line("GET", LISTS, known(200)),
            Line("POST", LISTS, known(201), DATES),
            Line("GET", LISTS + "{date list}/", owner(200, 404)),
            Line("PUT", LISTS + "{date list}/", owner(200, 404), DATES),
            Line("PATCH", LISTS + "{date list}/", owner(200, 404), NAMED),
            Line("DELETE", LISTS + "{date list}/", owner(204, 404)),
        ),
    ),
    Chapter(
        "Destinations",
        (
            Line("GET", PROFILES23 + "media/", known(200)),
            Line("GET", PROFILES23 + "media/email/", known(200)),
            Line("GET", PROFILES23 + "media/email/json_schema/", known(200)),
            Line("GET", PROFILES23 + "destinations/", known(200)),
            Line("POST", PROFILES23 + "destinations/", known(201), EMAIL),
            Line("GET", PROFILES23 + "destinations/{destination}/", owner(200, 404)),
            Line("PATCH", PROFILES23 + "destinations/{destination}/", owner(200, 404), {"label": "l{unique}"}),
            Line("DELETE", PROFILES23 + "destinations/{destination}/", owner(204, 404)),
            Line("GET", PROFILES23 + "destinations/{destination}/duplicate/", owner(200, 400)),
        ),
    ),
    Chapter(
        "Profiles",
        (
            Line("GET", PROFILES23, known(200)),
            Line("POST", PROFILES23, known(201), PROFILE),
            Line("POST", PROFILES23, owner(201, 400), PROFILE | {"filters": ["{filter}"]}, about="with a private filter"),
            Line("POST", PROFILES23, known(201), PROFILE | {"filters": ["{public filter}"]}, about="with a public filter"),
            Line("POST", PROFILES23, owner(201, 400), PROFILE | {"timeslot": "{timeslot}"}, about="with a timeslot"),
            Line("POST", PROFILES23, owner(201, 400), PROFILE | {"destinations": ["{destination}"]}, about="with a destination"),
            Line("POST", V3 + "notificationprofiles/", owner(201, 400), PROFILE | {"escalation": [{"after_minutes": 5, "destinations": ["{destination}"]}]}, about="with a destination in its escalation"),
            Line("GET", PROFILES23 + "{profile}/", owner(200, 404)),
            Line("PUT", PROFILES23 + "{profile}/", owner(200, 404), PROFILE),
            Line("PATCH", PROFILES23 + "{profile}/", owner(200, 404), {"active": False}),
            Line("DELETE", PROFILES23 + "{profile}/", owner(204, 404)),
            Line("GET", PROFILES + "{profile}/incidents/", owner(200, 400)),
            Line("GET", V3 + "notificationprofiles/{profile}/explain/?incident={incident}", owner(200, 404)),
            Line("GET", V3 + "notificationprofiles/{profile}/preview/", owner(200, 404)),
            Line("POST", V3 + "notificationprofiles/preview/", known(200), PROFILE),
            Line("POST", V3 + "notificationprofiles/preview/", owner(200, 400), PROFILE | {"filters": ["{filter}"]}, about="with a private filter"),
        ),
        "What is another's is neither seen, changed nor used, not by superusers either.",
    ),
    Chapter(
        "Planned maintenance",
        (
            Line("GET", TASKS, known(200)),
            Line("POST", TASKS, staff(201), TASK),
            Line("GET", TASKS + "{task}/", known(200)),
            Line("PUT", TASKS + "{task}/", staff(200), TASK),
            Line("PATCH", TASKS + "{task}/", staff(200), {"description": "d"}),
            Line("DELETE", TASKS + "{task}/", staff(204)),
            Line("POST", TASKS, staff(400), TASK | {"filters": ["{filter}"]}, about="with another's private filter"),
            Line("GET", V3 + "plannedmaintenance/{task}/incidents/", known(200)),
        ),
    ),
)  # fmt: skip

EVENT = {"timestamp": MOMENT}
SOURCES_ONLY = known(400, source=201)
PEOPLE_ONLY = known(201, source=400)

INGEST = (
    Chapter(
        "Reporting incidents",
        (
            Line("POST", V23 + "incidents/", SOURCES_ONLY, INCIDENT),
            Line("POST", V23 + "incidents/mine/", SOURCES_ONLY, INCIDENT),
            Line("POST", V23 + "incidents/", known(400, superuser=201), INCIDENT | {"source": "{source}"}, about="naming a source"),
            Line("POST", "/api/ingest/v1/reports/", known(403, source=200), []),
            Line("POST", V2 + "incidents/sources/heartbeat/", known(403, source=204)),
        ),
    ),
    Chapter(
        "Changing incidents",
        (
            Line("PUT", ONE, known(200), {"tags": [{"tag": "a=1"}], "description": "d"}),
            Line("PUT", V3 + "incidents/{incident}/", known(200), {"tags": ["a=1"], "description": "d"}),
            Line("PATCH", ONE, known(400, source=200, superuser=200), {"tags": []}, about="removing tags of the source"),
            Line("PATCH", ONE23, known(200), {"description": "d"}),
            Line("DELETE", ONE23, known(405), about="unless `ARGUS_INDELIBLE_INCIDENTS=false`"),
            Line("POST", ONE + "events/", known(201), EVENT | {"type": "OTH"}, about="OTH"),
            Line("POST", ONE + "events/", SOURCES_ONLY, EVENT | {"type": "END"}, about="END"),
            Line("POST", ONE + "events/", PEOPLE_ONLY, EVENT | {"type": "CLO"}, about="CLO"),
            Line("POST", ONE + "acks/", known(201), {"timestamp": MOMENT, "description": "seen"}),
            Line("PUT", ONE + "acks/{ack}/", known(200), {"expiration": None}),
            Line("PATCH", ONE + "acks/{ack}/", known(200), {"expiration": None}),
            Line("POST", V2 + "incidents/{incident}/tags/", known(201), {"tag": "b=2"}),
            Line("POST", V3 + "incidents/{incident}/tags/", known(201), ["b=2"]),
            Line("DELETE", ONE23 + "tags/a=1/", known(204)),
            Line("PUT", ONE23 + "ticket_url/", known(200), {"ticket_url": "https://t.example.org/1"}),
            Line("PUT", ONE + "automatic-ticket/", known(400), about="without a plugin"),
            Line("POST", V2 + "incidents/acks/bulk/", known(201), {"ids": ["{incident}"], "ack": {"timestamp": MOMENT}}),
            Line("POST", V2 + "incidents/events/bulk/", known(201), {"ids": ["{incident}"], "event": EVENT | {"type": "OTH"}}),
            Line("POST", V2 + "incidents/ticket_url/bulk/", known(201), {"ids": ["{incident}"], "ticket_url": "https://t.example.org/1"}),
        ),
        "Whoever is known may change any incident, as in Argus; the true actor is recorded.",
    ),
)  # fmt: skip


def lines(chapters: tuple[Chapter, ...]) -> list[Line]:
    """Return all lines of some chapters."""
    return [line for chapter in chapters for line in chapter.lines]


async def filled(value: Any, made: dict[str, Any], make: Callable[[str], Awaitable[Any]]) -> Any:
    """Return a path or body with what `make` makes of the names in it; a name is made once for both."""
    if isinstance(value, dict):
        return {name: await filled(each, made, make) for name, each in value.items()}
    if isinstance(value, list):
        return [await filled(each, made, make) for each in value]
    if not isinstance(value, str):
        return value
    for name in re.findall(r"\{([^}]*)\}", value):
        if name not in made:
            made[name] = await make(name)
        value = made[name] if value == f"{{{name}}}" else value.replace(f"{{{name}}}", str(made[name]))
    return value


def endpoints(chapters: tuple[Chapter, ...]) -> set[tuple[str, str]]:
    """Return all endpoints of some chapters, to be compared with those that there are."""
    return {template(line.method, path) for line in lines(chapters) for path in line.paths()}


def changes(chapters: tuple[Chapter, ...]) -> set[tuple[str, str]]:
    """Return what changes something for callers who are known, with a number wherever a path names one."""
    return {
        (line.method, re.sub(r"\{[^}]*\}", "1", path))
        for line in lines(chapters)
        for path in line.paths()
        if line.method != "GET" and line.answers["anonymous"] == 401
    }


def page() -> str:
    """Return docs/permissions.md."""
    head = [
        "# Permissions",
        "",
        "Made from `tests/permissions.py` by `make docs`; tests send each line as each kind of caller; `[23]` stands for both versions.",
        "The columns are the answers to: anonymous callers; the source to which the incident belongs; the user to whom all else belongs;",
        "another user; another user who is staff; a superuser; and a user whose token has expired.",
        "`401` is *who are you?*, `403` *you may not*; `404` and `400` where even that something exists is nobody else's business.",
        "",
        "A session's cookie counts as much as a token, with its CSRF token (`X-CSRFToken`) where a request changes something.",
        "After 10 failed logins for an account from an address, 30 for an account from unknown addresses, or 50 from an address, within a",
        "quarter of an hour, the login endpoints answer `429`; an address is known for 30 days after a login.",
        "",
    ]
    return "\n".join([*head, *(line for chapter in (*API, *INGEST) for line in _section(chapter))]).rstrip() + "\n"


def _section(chapter: Chapter) -> list[str]:
    titles = f"| endpoint | {' | '.join(ROLES)} |"
    rows = [
        f"| {_endpoint(line)} | {' | '.join(str(line.answers[role]) for role in ROLES)} |" for line in chapter.lines
    ]
    said = [chapter.says, ""] if chapter.says else []
    return [f"## {chapter.title}", "", *said, titles, "|---" * (len(ROLES) + 1) + "|", *rows, ""]


def _endpoint(line: Line) -> str:
    return f"`{line.method} {line.path}`" + (f" {line.about}" if line.about else "")


def template(method: str, path: str) -> tuple[str, str]:
    """Return an endpoint without what stands for others in its path, and without a query."""
    return method, re.sub(r"\{[^}]*\}|(?<=/)(a=1|nav|email)(?=/)", "{}", path.partition("?")[0]).rstrip("/")
