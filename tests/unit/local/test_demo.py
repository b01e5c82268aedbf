import asyncio
import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from aiohttp import ClientSession, web

from argus_local.demo import Demo, play_all
from argus_local.errors import LocalError
from argus_local.ports import free_port
from argus_local.stories import Step, Story


@dataclass
class FakeArgus:
    """Remembers what is posted to it, and numbers incidents."""

    failures: int = 0
    status: int = 201
    posts: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        if self.failures:
            self.failures -= 1
            return web.Response(status=503, headers={"Retry-After": "0"})
        token = request.headers["Authorization"].removeprefix("Token ")
        self.posts.append((request.path, token, await request.json()))
        return web.json_response({"pk": len(self.posts)}, status=self.status)


@pytest.fixture
async def argus():
    return FakeArgus()


@pytest.fixture
async def demo(argus):
    app, port = web.Application(), free_port()
    app.router.add_post("/{path:.*}", argus.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with ClientSession() as session:
        yield Demo(session, f"http://127.0.0.1:{port}", "source-token", "user-token", asyncio.Event(), retry_seconds=0)
    await runner.cleanup()


def a_story(*steps: Step, **changes: Any) -> Story:
    fields: dict[str, Any] = {"begins_after": 0, "kind": "link", "description": "Uplink is down", "level": 2}
    return Story(**fields | {"tags": {"host": "gw1"}, "steps": steps} | changes)


async def test_a_source_opens_and_ends_its_incident_and_a_person_acknowledges_and_closes_it(argus, demo):
    steps = [Step(0, deed, "why") for deed in ("ack", "note", "end", "restart", "close")]

    await demo.play(a_story(*steps))

    assert [(path, token) for path, token, _ in argus.posts] == [
        ("/api/v2/incidents/", "source-token"),
        ("/api/v2/incidents/1/acks/", "user-token"),
        ("/api/v2/incidents/1/events/", "source-token"),
        ("/api/v2/incidents/1/events/", "source-token"),
        ("/api/v2/incidents/1/events/", "source-token"),
        ("/api/v2/incidents/1/events/", "user-token"),
    ]
    assert [body.get("type") for _, _, body in argus.posts] == [None, None, "OTH", "END", "RES", "CLO"]


@pytest.mark.parametrize(("stateful", "end"), [(True, "infinity"), (False, None)])
async def test_an_incident_is_posted_as_argus_takes_it(argus, demo, stateful, end):
    await demo.play(a_story(stateful=stateful))

    [(_, _, body)] = argus.posts
    assert body["tags"] == [{"tag": "host=gw1"}]
    assert body["end_time"] == end


async def test_a_service_that_is_away_is_tried_again(argus, demo):
    argus.failures = 3

    await demo.play(a_story())

    assert len(argus.posts) == 1


async def test_what_is_refused_ends_the_demo_with_the_reason(argus, demo):
    argus.status = 400

    with pytest.raises(LocalError, match="POST incidents/ failed: 400"):
        await demo.play(a_story())


async def test_a_stack_that_was_stopped_is_said_in_words():
    port = free_port()
    async with ClientSession() as session:
        demo = Demo(session, f"http://127.0.0.1:{port}", "source-token", "user-token", asyncio.Event(), retry_seconds=0)

        with pytest.raises(LocalError) as refused:
            await demo.play(a_story())

    assert str(refused.value) == f"http://127.0.0.1:{port} does not answer any more; start it again: argus up"


async def test_when_the_time_is_over_all_incidents_come_to_their_ends(argus, demo):
    asyncio.get_running_loop().call_later(0.3, demo.over.set)

    await play_all(demo, rate=100, chance=Random(2))

    opened = sum(path.endswith("/incidents/") for path, _, _ in argus.posts)
    stateless = sum("end_time" in body and body["end_time"] is None for _, _, body in argus.posts)
    last = {path: body.get("type") for path, _, body in argus.posts if path.endswith("/events/")}
    assert opened > 10
    assert len(last) == opened - stateless, json.dumps(argus.posts)
    assert set(last.values()) <= {"END", "CLO"}
