"""Documents made from code: docs/topics.md from the catalogue, docs/settings.md from the settings classes,
docs/permissions.md from the table of permissions, docs/rules.md from the marks of tests, and ingest's part of the
OpenAPI document, which api serves.

`make docs` writes them; a test compares them.
"""

import json
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

from argus_cli.environment import Settings as CommandSettings
from argus_http.described import part
from argus_ingest.web.application import document
from argus_runtime.described import Row, describe
from argus_schemas.topics import CATALOGUE, REPORTS, Topic
from tests import permissions, rules

ROOT = Path(__file__).parent.parent
SERVICES = ("ingest", "store", "matcher", "dispatch", "api")
READ_BY_THE_COMMAND = {
    "ARGUS_DATABASE_URL",
    "ARGUS_KAFKA_BOOTSTRAP_SERVERS",
    "ARGUS_PREFIX",
    "ARGUS_TIME_ZONE",
    "ARGUS_HEALTH_URLS",
    "ARGUS_URL",
}


def topics() -> str:
    """Return docs/topics.md."""
    return (
        "\n".join(
            [
                "# Topics",
                "",
                "Made from the catalogue in `argus_schemas.topics` by `make docs`.",
                "Names have a prefix (`ARGUS_PREFIX`, `argus.` by default), which also stands before consumer groups.",
                "`argus topics` creates them; `argus topics --check` compares a broker with this page.",
                "All use `LogAppendTime`; partition counts are fixed at creation.",
                "",
                "| topic | key | value | partitions | kept | written by | read by |",
                "|---|---|---|---|---|---|---|",
                *(_topic_row(topic) for topic in (_reports(), *CATALOGUE)),
                "",
                *_sentences((_reports(), *CATALOGUE)),
            ]
        )
        + "\n"
    )


def settings() -> str:
    """Return docs/settings.md."""
    tables = [_settings_of(service) for service in SERVICES]
    head = [
        "# Settings",
        "",
        "Made from the settings classes by `make docs`.",
        "Services read them from their environment, check them at the start and end with one line for each bad one.",
        "Secrets are never printed; an empty variable counts as absent.",
        "`DATABASE_URL` and `KAFKA_BOOTSTRAP_SERVERS` are read where the same with `ARGUS_` before is absent.",
        "",
    ]
    return "\n".join([*head, *(line for table in tables for line in table), *_command()]).rstrip() + "\n"


def _reports() -> Topic[Any]:
    return REPORTS


def _topic_row(topic: Topic[Any]) -> str:
    name = "reports.&lt;slug&gt;" if topic is REPORTS else topic.name
    kept = "compacted" if topic.cleanup == "compact" else f"{topic.keep.days} days" if topic.keep else "for ever"
    cells = (name, topic.key, _value(topic), topic.partitions, kept, ", ".join(topic.writers), ", ".join(topic.readers))
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _value(topic: Topic[Any]) -> str:
    if topic.value is None:
        return "the original bytes"
    value = get_args(topic.value)[0] if get_origin(topic.value) is Annotated else topic.value
    return ", ".join(f"`{kind.__name__}`" for kind in get_args(value) or (value,))


def _sentences(named: Iterable[Topic[Any]]) -> list[str]:
    return [f"- `{topic.name}{'.<slug>' if topic is REPORTS else ''}`: {topic.says}" for topic in named]


def _settings_of(service: str) -> list[str]:
    return [f"## {service}", "", *_table(describe(import_module(f"argus_{service}.settings").Settings)), ""]


def _command() -> list[str]:
    """Return what the command reads; it has neither health nor logs of its own."""
    return [
        "## The command `argus`",
        "",
        "Where these are absent, a command takes them from the `argus up` that runs on `--data` (`.argus`).",
        "Without that either, `argus status` asks the ports 9101 to 9105 of this machine.",
        "",
        *_table(row for row in describe(CommandSettings) if row.name in READ_BY_THE_COMMAND),
        "",
        "`ARGUS_USER_PASSWORD` is the password that `argus setup`, `argus user add` and `argus user set-password` give",
        "where no option says another.",
    ]


def _table(rows: Iterable[Row]) -> list[str]:
    lines = [f"| `{row.name}` | {row.how} | {f'`{row.default}`' if row.default else ''} | {row.says} |" for row in rows]
    return ["| variable | value | default | meaning |", "|---|---|---|---|", *lines]


def ingest() -> str:
    """Return ingest's part of the OpenAPI document; api may not import ingest, so it has it as data."""
    return json.dumps(part(document()), indent=1, sort_keys=True) + "\n"


MADE = {
    "docs/topics.md": topics,
    "docs/settings.md": settings,
    "docs/permissions.md": permissions.page,
    "docs/rules.md": rules.page,
    "services/api/src/argus_api/ingest.json": ingest,
}

if __name__ == "__main__":
    for name, make in MADE.items():
        (ROOT / name).write_text(make())
