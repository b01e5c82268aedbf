"""Incidents that start and end, over HTTP and over Kafka, by callers that try again as good glue services do."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiokafka import AIOKafkaProducer

from tests.log import a_report
from tests.stack import SourceAccount

PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.3


@dataclass
class Caller:
    """A glue service over HTTP: each request has a key of its own and is repeated until it is answered."""

    root: Callable[[], str]
    source: SourceAccount
    session: aiohttp.ClientSession
    statuses: list[int] = field(default_factory=list)
    _said: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def start(self, name: str) -> int:
        """Create an incident and return its pk."""
        body = {
            "start_time": _now(),
            "source_incident_id": name,
            "description": f"incident {name}",
            "tags": [],
            "level": 2,
        }
        return int((await self.repeat("/api/v2/incidents/", body, f"start-{name}"))["pk"])

    async def end(self, pk: int, name: str) -> None:
        """End it."""
        body = {"type": "END", "timestamp": _now(), "description": "over"}
        await self.repeat(f"/api/v2/incidents/{pk}/events/", body, f"end-{name}")

    async def repeat(self, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Post until it is taken."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            status, answer = await self.once(path, body, key)
            if status in {200, 201, 202}:
                return dict(answer)
            assert status in {0, 404, 503}, f"{path}: {status} {answer}"
            assert asyncio.get_running_loop().time() < deadline, f"{path}: {status} {answer}"
            await asyncio.sleep(PAUSE_SECONDS)

    async def once(self, path: str, body: dict[str, Any], key: str) -> tuple[int, Any]:
        """Post once, under a key always the same body; status 0 where no answer came."""
        body = self._said.setdefault(key, body)
        headers = {"Authorization": f"Token {self.source.token}", "Idempotency-Key": key}
        try:
            async with self.session.post(self.root() + path, json=body, headers=headers) as answer:
                status, said = answer.status, await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError) as error:
            status, said = 0, repr(error)
        self.statuses.append(status)
        return status, said


async def over_http(caller: Caller, names: Iterable[str], at_once: int = 8) -> None:
    """Start and end all, several at once."""
    slots = asyncio.Semaphore(at_once)

    async def one(name: str) -> None:
        async with slots:
            await caller.end(await caller.start(name), name)

    await asyncio.gather(*(one(name) for name in names))


async def over_kafka(producer: AIOKafkaProducer, source: SourceAccount, names: Iterable[str], pause: float) -> None:
    """Start and end all, one after the other."""
    for name in names:
        for type_ in ("start", "end"):
            said = {"description": f"incident {name}", "level": 2} if type_ == "start" else {}
            await producer.send_and_wait(source.topic, a_report(type_, name, **said), key=name.encode())
        await asyncio.sleep(pause)


def an_incident(name: str) -> dict[str, Any]:
    """Return the body of a create."""
    return {
        "start_time": _now(), "source_incident_id": name, "description": f"incident {name}", "tags": [], "level": 2,
    }  # fmt: skip


async def lasts(seconds: float) -> None:
    """Let an outage last: here the time that passes is what is tested."""
    await asyncio.sleep(seconds)


def _now() -> str:
    return datetime.now(UTC).isoformat()
