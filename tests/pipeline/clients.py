"""What tests ask over HTTP."""

from typing import Any

import aiohttp

from tests.eventually import eventually
from tests.stack import SourceAccount, Stack


async def incidents_of(url: str, token: str, query: str = "page_size=5000") -> list[dict[str, Any]]:
    """Return the incidents of the source that holds the token."""
    return await results(url, token, f"/api/v2/incidents/mine/?{query}")


async def results(url: str, token: str, path: str) -> list[dict[str, Any]]:
    """Return all results of a paged list."""
    found: list[dict[str, Any]] = []
    following: str | None = url + path
    async with aiohttp.ClientSession(headers={"Authorization": f"Token {token}"}) as session:
        while following:
            async with session.get(following) as answer:
                assert answer.status == 200, await answer.text()
                page = await answer.json()
            found.extend(page["results"])
            following = page["next"]
    return found


async def post(url: str, token: str, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    """Return status and body of a POST with a JSON body."""
    return await send("POST", url, token, path, body, **headers)


async def send(method: str, url: str, token: str, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    """Return status and body of a request with a JSON body."""
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Token {token}", **headers}) as session,
        session.request(method, url + path, json=body) as answer,
    ):
        return answer.status, await answer.json(content_type=None)


async def reported(stack: Stack, source: SourceAccount) -> None:
    """Wait until the topic of a new source is there; the relay creates it."""
    await eventually(lambda: _there(stack, source), within=20, pause=0.2)


async def _there(stack: Stack, source: SourceAccount) -> bool:
    from aiokafka.admin import AIOKafkaAdminClient  # noqa: PLC0415

    admin = AIOKafkaAdminClient(bootstrap_servers=stack.servers.kafka)
    await admin.start()
    try:
        return source.topic in await admin.list_topics()
    finally:
        await admin.close()
