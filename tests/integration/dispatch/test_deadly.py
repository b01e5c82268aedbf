"""A notification that crashes dispatch is found, and given up at the third crash; nobody else is."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from argus_schemas.topics import DEAD_LETTERS
from tests.eventually import eventually
from tests.integration.dispatch.installation import Installation, Posted, Sink, hangs

FAST: dict[str, Any] = {"kafka_session_timeout": 6, "kafka_heartbeat": 0.5}
SECONDS_TO_CRASH = 40

MEDIUM = """
import os
import signal
from contextlib import asynccontextmanager

from argus_dispatch.media.webhook import open_webhook
from argus_media import MediumKind, Plugin
from argus_media.bundled.webhook import WebhookSettings

PLUGIN = Plugin(MediumKind("deadly", "Deadly", WebhookSettings, "url"), open="deadly:open_deadly")


class Deadly:
    def __init__(self, webhook):
        self.settings, self.at_once, self.webhook = webhook.settings, webhook.at_once, webhook

    async def send(self, letter):
        if letter.notification.purpose == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        return await self.webhook.send(letter)


@asynccontextmanager
async def open_deadly(settings):
    async with open_webhook(settings) as webhook:
        yield Deadly(webhook)
"""


@pytest.fixture
def deadly_medium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Install a medium for processes that are started: webhooks, of which those of purpose `deadly` kill."""
    folder = tmp_path / "site"
    installed = folder / "deadly-1.dist-info"
    installed.mkdir(parents=True)
    (folder / "deadly.py").write_text(MEDIUM)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: deadly\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[argus.media]\ndeadly = deadly:PLUGIN\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return "deadly"


async def fine(_posted: Posted) -> web.Response:
    return web.Response(status=204)


async def crashes(installation: Installation) -> None:
    """Start a dispatch process, and return when it has died."""
    process = installation.launch(**FAST).process
    assert await asyncio.to_thread(process.wait, SECONDS_TO_CRASH) == -9


async def letters(installation: Installation) -> list[tuple[bytes | None, bytes | None, dict[str, bytes]]]:
    reader = await installation.kafka.reader(DEAD_LETTERS)
    try:
        return [(record.key, record.value, dict(record.headers)) async for record in reader.to_end()]
    finally:
        await reader.close()


async def test_a_deadly_notification_is_dead_after_the_third_crash_and_all_others_are_told(
    installation: Installation, sink: Sink, deadly_medium: str
):
    await installation.destination(4, deadly_medium, url=sink.url("four"))
    await installation.destination(5, url=sink.url("five"))
    sink.answer = hangs(asyncio.Event())
    neighbours = [await installation.order(1, incident=1), await installation.order(1, destination=5, incident=1)]
    deadly = await installation.order(2, incident=2, purpose="deadly")
    after_it = await installation.order(3, incident=2)

    await crashes(installation)
    await crashes(installation)
    sink.answer = fine
    await crashes(installation)
    await installation.start(**FAST)

    async def all_told():
        ways = [await installation.way_of(one) for one in (*neighbours, after_it)]
        return all(way and way[-1][0] == "sent" for way in ways)

    await eventually(all_told, within=40)
    assert await installation.way_of(deadly) == [("begun", 1), ("begun", 2), ("begun", 3), ("dead", 3)]
    dead = next(one for one in await installation.deliveries() if one.state == "dead")
    assert dead.reason == "given up: dispatch crashed 3 times while sending it"
    ((key, value, headers),) = await letters(installation)
    assert (key, value) == (b"4", deadly.to_bytes())
    assert (headers["reason"].decode(), headers["attempts"], headers["service"]) == (dead.reason, b"3", b"dispatch")
