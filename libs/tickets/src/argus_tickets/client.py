"""How plugins talk to their ticket system: in time, in bounds, and to nobody else."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx

from argus_tickets.errors import BadAnswer, TicketError, TicketRefused, TicketSystemUnavailable

SECONDS = 10.0
MOST_READ = 1_000_000
MOST_REDIRECTS = 3
LONGEST_REASON = 300
MAY_PASS = {408, 425, 429}
"""Refusals of a request that may be accepted later."""
HIDDEN = "***"


class Client:
    """Asks one ticket system; what it raises is a `TicketError` without any secret."""

    def __init__(self, endpoint: str, headers: Mapping[str, str], hidden: tuple[str, ...]) -> None:
        self._endpoint = endpoint
        self._headers = {"user-agent": "Argus-Stream", "accept-encoding": "identity", **headers}
        self._hidden = tuple(sorted((part for part in hidden if part), key=len, reverse=True))

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Post JSON and return the JSON object that is answered."""
        return _object(await self._ask("POST", path, {"json": body}))

    async def get(self, path: str, **parameters: str) -> Any:
        """Return the JSON that stands at a path."""
        return await self._ask("GET", path, {"params": parameters} if parameters else {})

    async def _ask(self, method: str, path: str, sent: Mapping[str, Any]) -> Any:
        trusted = await asyncio.to_thread(_trusted)
        try:
            async with httpx.AsyncClient(
                headers=self._headers, timeout=SECONDS, verify=trusted, follow_redirects=False
            ) as client:
                return await self._follow(client, method, httpx.URL(self._endpoint + path), sent)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise TicketError("The address of the ticket system is none.") from error
        except httpx.TransportError as error:  # its text may name addresses
            raise TicketSystemUnavailable(f"The ticket system gave no answer: {type(error).__name__}.") from error

    async def _follow(self, client: httpx.AsyncClient, method: str, url: httpx.URL, sent: Mapping[str, Any]) -> Any:
        """Ask, and again where the same host says that it moved; the request and its secrets go nowhere else."""
        for _ in range(MOST_REDIRECTS + 1):
            async with client.stream(method, url, **sent) as answer:
                if not answer.has_redirect_location:
                    return self._judged(answer, await _body(answer))
                moved = url.join(answer.headers["location"])
                if answer.status_code not in {307, 308} or _origin(moved) != _origin(url):
                    raise BadAnswer(
                        f"The ticket system answered {answer.status_code}, a redirect that is not followed."
                        ' Please update the setting "TICKET_ENDPOINT".'
                    )
                url = moved
        raise BadAnswer("The ticket system redirects without end.")

    def _judged(self, answer: httpx.Response, body: bytes) -> Any:
        """Return what was answered, if the status says that it was done."""
        status = answer.status_code
        if 200 <= status < 300:
            return _parsed(body)
        if status == 401:
            raise TicketSystemUnavailable("The ticket system does not accept our credentials (401).")
        reason = self._without_secrets(body)
        if status >= 500 or status in MAY_PASS:
            raise TicketSystemUnavailable(f"The ticket system is out of order ({status}){reason}")
        if 400 <= status < 500:
            raise TicketRefused(f"The ticket system refused the ticket ({status}){reason}")
        raise BadAnswer(f"The ticket system answered {status}.")

    def _without_secrets(self, body: bytes) -> str:
        """Return the beginning of an answer that says no, for people, in case it repeats what it was sent."""
        text = body.decode(errors="replace")
        for part in self._hidden:
            text = text.replace(part, HIDDEN)
        text = " ".join("".join(char if char.isprintable() else " " for char in text).split())[:LONGEST_REASON]
        return f": {text}" if text else "."


@cache
def _trusted() -> ssl.SSLContext:
    """Return the certificates that we trust; it takes long to read them, and `SSL_CERT_FILE` may name others."""
    return httpx.create_ssl_context()


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


async def _body(answer: httpx.Response) -> bytes:
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise BadAnswer("The ticket system compressed its answer, which it was asked not to do.")
    read = bytearray()
    async for part in answer.aiter_raw():
        read += part
        if len(read) > MOST_READ:
            raise BadAnswer(f"The ticket system answered with more than {MOST_READ} bytes.")
    return bytes(read)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("The ticket system answered with what is no JSON.") from error


def _object(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise BadAnswer("The ticket system answered with what describes no ticket.")
    return answer


def said(answer: Mapping[str, Any], name: str) -> str:
    """Return a text, or a number as text, that an answer must have."""
    value = answer.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not value or not isinstance(value, str):
        raise BadAnswer(f"The ticket system answered without {name}.")
    return value
