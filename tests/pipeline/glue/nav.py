"""NAV as its glue service sees it: the parts of NAV's Python packages that it imports, over alerts in a JSON file.

`python -m tests.pipeline.glue.nav <alerts.json> <arguments>` runs the installed `navargus`, unmodified.
"""

import json
import logging
import sys
from datetime import datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar, TextIO

STATE_START, STATE_END, STATE_STATELESS = "s", "e", "x"
INFINITY = datetime.max  # noqa: DTZ901  as NAV has it
ROOM = SimpleNamespace(id="noc-1", location=SimpleNamespace(id="oslo"))


class Netbox(SimpleNamespace):
    """A device."""

    def get_absolute_url(self) -> str:
        return f"/ipdevinfo/{self.sysname}/"

    def is_on_maintenance(self) -> bool:
        return False


class Interface(SimpleNamespace):
    """A port of a device."""


class Messages(list[SimpleNamespace]):
    """What NAV says about an alert."""

    def filter(self, **wanted: Any) -> list[SimpleNamespace]:
        states = wanted.get("state__in", (wanted.get("state"),))
        return [message for message in self if message.state in states]


class AlertHistory:
    """An alert: how it began, and when it ended."""

    class DoesNotExist(Exception):
        """There is no such alert."""

    objects: ClassVar["Alerts"]

    def __init__(self, pk: int, message: str, start: str, end: str | None, severity: int) -> None:
        self.pk, self.severity = pk, severity
        self.start_time = datetime.fromisoformat(start)
        self.end_time = INFINITY if end == "infinity" else end and datetime.fromisoformat(end)
        self.event_type_id = "boxState"
        self.alert_type = SimpleNamespace(name="boxDown")
        self.netbox = Netbox(sysname="sw1.example.org", room=ROOM, organization=SimpleNamespace(id="noc"))
        first = STATE_STATELESS if end is None else STATE_START
        self.messages = Messages(
            SimpleNamespace(state=state, message=f"{message}{ending}")
            for state, ending in ((first, ""), (STATE_END, " no more"))
        )

    def get_subject(self) -> Netbox:
        return self.netbox


class Alerts:
    """The alerts of the file, read anew each time, as a database would be."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self, pk: Any) -> AlertHistory:
        for alert in self._all():
            if alert.pk == int(pk):
                return alert
        raise AlertHistory.DoesNotExist

    def unresolved(self) -> "Alerts":
        return self

    def prefetch_related(self, _what: str) -> list[AlertHistory]:
        return [alert for alert in self._all() if alert.end_time == INFINITY]

    def _all(self) -> list[AlertHistory]:
        return [AlertHistory(**alert) for alert in json.loads(self._file.read_text())]


def install(file: Path) -> None:
    """Put what navargus imports of NAV and Django where Python looks."""
    AlertHistory.objects = Alerts(file)
    states = {"STATE_START": STATE_START, "STATE_END": STATE_END, "STATE_STATELESS": STATE_STATELESS}
    parts: dict[str, dict[str, Any]] = {
        "nav": {},
        "nav.bootstrap": {"bootstrap_django": lambda _caller: None},
        "nav.buildconf": {"VERSION": "5.12.0"},
        "nav.config": {"open_configfile": _open},
        "nav.logs": {"init_stderr_logging": lambda: logging.basicConfig(level=logging.DEBUG)},
        "nav.models": {},
        "nav.models.event": {"AlertHistory": AlertHistory, **states},
        "nav.models.fields": {"INFINITY": INFINITY},
        "nav.models.manage": {"Netbox": Netbox, "Interface": Interface},
        "django": {},
        "django.urls": {"reverse": lambda _name, args: f"/event/details/{args[0]}/"},
    }
    for name, contents in parts.items():
        module = ModuleType(name)
        module.__dict__.update(contents)
        sys.modules[name] = module


def _open(name: str) -> TextIO:
    return Path(name).open()


if __name__ == "__main__":
    install(Path(sys.argv.pop(1)))
    from navargus.glue import main

    main()
