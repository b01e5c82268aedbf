"""Zabbix as its JSON-RPC API shows it: problems on hosts in groups."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from argus_local.ports import free_port

TOKEN = "zabbix-token"
HOST = {"hostid": "10084", "host": "gw.example.org", "name": "gw.example.org"}


class Zabbix:
    """A Zabbix 7.2 with one host."""

    def __init__(self) -> None:
        self.port = free_port()
        self.problems: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self, eventid: str, name: str, severity: int = 4, **tags: str) -> None:
        """Let a problem begin."""
        self.problems[eventid] = {
            "eventid": eventid,
            "source": "0",
            "object": "0",
            "objectid": "13926",
            "clock": str(int(time.time()) - 60),
            "r_eventid": "0",
            "name": name,
            "severity": str(severity),
            "acknowledged": "0",
            "tags": [{"tag": tag, "value": value} for tag, value in tags.items()],
        }

    def end(self, eventid: str) -> None:
        """Let a problem end."""
        del self.problems[eventid]

    def webhook(self, eventid: str, name: str, *, problem: bool) -> dict[str, str]:
        """Return what Zabbix posts to a webhook as a problem begins or ends."""
        return {
            "eventid": eventid,
            "value": "1" if problem else "0",
            "severity": "5",
            "hostname": HOST["host"],
            "name": name,
            "timestamp": str(int(time.time())),
            "triggerid": "13926",
            "tags": '[{"tag": "Scope", "value": "availability"}]',
            "update_status": "0",
        }

    async def _answer(self, request: web.Request) -> web.Response:
        asked = await request.json()
        method, parameters = asked["method"], asked["params"]
        self.calls.append(method)
        if method != "apiinfo.version" and request.headers.get("Authorization") != f"Bearer {TOKEN}":
            error = {"code": -32602, "message": "Invalid params.", "data": "Not authorized."}
            return web.json_response({"jsonrpc": "2.0", "error": error, "id": asked["id"]})
        result = getattr(self, "_" + method.replace(".", "_"))(parameters)
        return web.json_response({"jsonrpc": "2.0", "result": result, "id": asked["id"]})

    def _apiinfo_version(self, _parameters: Any) -> str:
        return "7.2.5"

    def _problem_get(self, parameters: Any) -> list[dict[str, Any]]:
        wanted = parameters.get("eventids", self.problems)
        return [problem for eventid, problem in self.problems.items() if eventid in wanted]

    def _event_get(self, parameters: Any) -> list[dict[str, Any]]:
        return [{"eventid": eventid, "hosts": [HOST]} for eventid in parameters["eventids"]]

    def _host_get(self, _parameters: Any) -> list[dict[str, Any]]:
        return [{"hostid": HOST["hostid"], "hostgroups": [{"groupid": "2", "name": "Routers"}]}]

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Zabbix"]:
        app = web.Application()
        app.router.add_post("/api_jsonrpc.php", self._answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        yield self
        await runner.cleanup()
