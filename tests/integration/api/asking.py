"""Requests about configuration, and what they are answered."""

from typing import Any

import httpx

ROOT = "/api/v2/notificationprofiles/"


class Asking:
    """Sends requests as somebody, checks the status and gives the body; a path is below `ROOT` unless it is whole."""

    def __init__(self, http: httpx.AsyncClient, people: Any) -> None:
        self._http = http
        self._people = people

    async def get(self, path: str, who: str = "alice", status: int = 200) -> Any:
        return await self._send("GET", path, who, status)

    async def post(self, path: str, body: Any, who: str = "alice", status: int = 201) -> Any:
        return await self._send("POST", path, who, status, json=body)

    async def put(self, path: str, body: Any, who: str = "alice", status: int = 200) -> Any:
        return await self._send("PUT", path, who, status, json=body)

    async def patch(self, path: str, body: Any, who: str = "alice", status: int = 200) -> Any:
        return await self._send("PATCH", path, who, status, json=body)

    async def delete(self, path: str, who: str = "alice", status: int = 204) -> Any:
        return await self._send("DELETE", path, who, status)

    async def _send(self, method: str, path: str, who: str, status: int, **sent: Any) -> Any:
        url = path if path.startswith("/") else ROOT + path
        response = await self._http.request(method, url, headers=self._people[who], **sent)
        assert response.status_code == status, f"{response.status_code} {response.text}"
        return response.json() if response.content else None
