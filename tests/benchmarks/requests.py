"""The kinds of requests that a load is made of: from the number of a request to the request."""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

REPORTS_A_REQUEST = 200


class Asked(NamedTuple):
    """A request without its headers."""

    method: str
    path: str
    body: bytes = b""


Make = Callable[[int], Asked]


def incidents(path: str, name: str, _pks: Sequence[int]) -> Make:
    """Post a new incident each."""
    return lambda number: Asked("POST", path, an_incident(f"{name}-{number}"))


def details(path: str, _name: str, pks: Sequence[int]) -> Make:
    """Get one incident after the other."""
    return lambda number: Asked("GET", f"{path}{pks[number % len(pks)]}/")


def events(path: str, _name: str, pks: Sequence[int]) -> Make:
    """Post an event to one incident after the other."""
    body = json.dumps({"type": "OTH", "timestamp": "2026-11-22T12:00:01Z", "description": "seen again"}).encode()
    return lambda number: Asked("POST", f"{path}{pks[number % len(pks)]}/events/", body)


def acks(path: str, _name: str, pks: Sequence[int]) -> Make:
    """Acknowledge one incident after the other."""
    body = json.dumps({"timestamp": "2026-11-22T12:00:01Z", "description": "on it"}).encode()
    return lambda number: Asked("POST", f"{path}{pks[number % len(pks)]}/acks/", body)


def reports(path: str, name: str, _pks: Sequence[int]) -> Make:
    """Post two hundred reports each."""

    def make(number: int) -> Asked:
        some = (_a_report(f"{name}-{number}-{each}") for each in range(REPORTS_A_REQUEST))
        return Asked("POST", path, ("[" + ",".join(some) + "]").encode())

    return make


KINDS = {"incidents": incidents, "details": details, "events": events, "acks": acks, "reports": reports}


def an_incident(name: str) -> bytes:
    """Return an incident as a glue service would post it."""
    return json.dumps(
        {
            "start_time": "2026-11-22T12:00:00+00:00",
            "source_incident_id": name,
            "description": f"Interface ge-0/0/1 on {name} is down",
            "details_url": f"/alerts/{name}",
            "level": 3,
            "tags": [{"tag": f"host={name}.example.org"}, {"tag": "problem_type=linkDown"}],
        }
    ).encode()


def _a_report(name: str) -> str:
    # Written out: the generator shares the machine with what it measures.
    return (
        f'{{"type":"start","source_incident_id":"{name}","occurred_at":"2026-11-22T12:00:00Z","level":3,'
        f'"description":"Interface ge-0/0/1 on {name} is down","details_url":"/alerts/{name}",'
        f'"tags":["host={name}.example.org","problem_type=linkDown"]}}'
    )
