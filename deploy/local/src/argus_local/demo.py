"""`argus demo`: plays incidents of a university network to a running stack, over HTTP as any glue service would."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

from aiohttp import ClientError, ClientSession, ClientTimeout

from argus_local.cache import tell
from argus_local.data import DataFolder, read_json
from argus_local.errors import LocalError
from argus_local.stories import Deed, Step, Story, next_stories

ATTEMPTS = 10
EVENT_TYPES: dict[Deed, str] = {"end": "END", "restart": "RES", "note": "OTH", "close": "CLO"}
BY_A_PERSON = frozenset({"ack", "close"})


@dataclass
class Demo:
    """Plays stories with the tokens of the demo user and its source."""

    session: ClientSession
    url: str
    source_token: str
    user_token: str
    over: asyncio.Event
    """Set when no new story shall begin; those under way come to their ends at once."""
    retry_seconds: float = 1.0

    async def play(self, story: Story) -> None:
        """Open an incident and let happen to it what its story says."""
        await self.pause(story.begins_after)
        if self.over.is_set():
            return
        incident = await self._post("incidents/", self.source_token, _incident(story))
        tell(f"{incident['pk']:>6}  {story.description}")
        for step in story.steps:
            await self.pause(step.after)
            await self._do(incident["pk"], step)

    async def _do(self, pk: int, step: Step) -> None:
        said = {"timestamp": _now(), "description": step.text}
        token = self.user_token if step.deed in BY_A_PERSON else self.source_token
        if step.deed == "ack":
            await self._post(f"incidents/{pk}/acks/", token, said | {"expiration": None})
        else:
            await self._post(f"incidents/{pk}/events/", token, said | {"type": EVENT_TYPES[step.deed]})
        tell(f"{pk:>6}  {step.deed}: {step.text}")

    async def _post(self, path: str, token: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post until there is an answer; the key makes a repeat harmless."""
        headers = {"Authorization": f"Token {token}", "Idempotency-Key": str(uuid4())}
        url, problem = f"{self.url}/api/v2/{path}", ""
        for _ in range(ATTEMPTS):
            try:
                async with self.session.post(url, json=body, headers=headers) as answer:
                    if answer.status < 300:
                        return dict(await answer.json())
                    problem = f"POST {path} failed: {answer.status} {await answer.text()}"
                    if answer.status < 500:
                        break
            except (ClientError, TimeoutError, OSError):
                problem = f"{self.url} does not answer any more; start it again: argus up"
            await asyncio.sleep(self.retry_seconds)
        raise LocalError(problem)

    async def pause(self, seconds: float) -> None:
        """Wait, though not beyond the end of the demo."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), seconds)


def run(folder: Path, rate: float, seconds: float | None) -> None:
    """Play until the time is over, or until Ctrl-C."""
    asyncio.run(_run(folder, rate, seconds))


async def _run(folder: Path, rate: float, seconds: float | None) -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, over.set)
    if seconds is not None:
        loop.call_later(seconds, over.set)
    try:
        async with _demo(folder, over) as demo:
            await play_all(demo, rate, Random())  # noqa: S311  stories, not secrets
    except ExceptionGroup as group:
        raise group.exceptions[0] from group  # the first failure ended the others


@asynccontextmanager
async def _demo(folder: Path, over: asyncio.Event) -> AsyncIterator[Demo]:
    running = read_json(DataFolder(folder).ready)
    account = running.get("demo")
    if not account:
        raise LocalError(f"no stack with demo credentials runs in {folder}; start one: argus up")
    async with ClientSession(timeout=ClientTimeout(total=30)) as session:
        yield Demo(session, running["url"], account["source_token"], account["user_token"], over)


async def play_all(demo: Demo, rate: float, chance: Random) -> None:
    """Begin `rate` incidents a second, and wait for the ends of all."""
    async with asyncio.TaskGroup() as group:
        while not demo.over.is_set():
            stories = next_stories(chance)
            for story in stories:
                group.create_task(demo.play(story))
            await demo.pause(len(stories) * chance.expovariate(rate))


def _incident(story: Story) -> dict[str, Any]:
    return {
        "start_time": _now(),
        "source_incident_id": f"{story.kind}-{uuid4().hex[:12]}",
        "description": story.description,
        "level": story.level,
        "tags": [{"tag": f"{key}={value}"} for key, value in story.tags.items()],
        "end_time": "infinity" if story.stateful else None,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat()
