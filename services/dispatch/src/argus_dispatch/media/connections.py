"""Connections to the mail server, used again while it keeps them."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from aiosmtplib import SMTP, SMTPException

from argus_dispatch.settings import Settings

IDLE_SECONDS = 10.0
"""A connection that was not used for so long may be gone at the other end, so a new one is made."""

FRESH_SECONDS = 1.0
"""A connection that was used so lately need not be asked whether it still answers."""


class Connections:
    """As many connections as are used at once; one on which anything failed is not used again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._idle: list[tuple[float, SMTP]] = []
        self._own_name = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        for _, connection in self._idle:
            connection.close()
        self._idle.clear()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[SMTP]:
        """Give a connection that is logged in."""
        connection = await self._reused() or await self._connected()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.append((time.monotonic(), connection))

    async def _reused(self) -> SMTP | None:
        """Return an idle connection that still answers."""
        while self._idle:
            used_at, connection = self._idle.pop()
            idle = time.monotonic() - used_at
            if connection.is_connected and idle < FRESH_SECONDS:
                return connection
            if connection.is_connected and idle < IDLE_SECONDS:
                try:
                    await connection.rset()
                except (SMTPException, OSError):
                    pass
                else:
                    return connection
            connection.close()
        return None

    async def _connected(self) -> SMTP:
        settings = self._settings
        self._own_name = self._own_name or await asyncio.to_thread(socket.getfqdn)  # asks DNS, which may take seconds
        connection = SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            local_hostname=self._own_name,
            timeout=settings.attempt_timeout,
            use_tls=settings.smtp_tls == "tls",
            start_tls=settings.smtp_tls == "starttls",
            username=settings.smtp_username or None,
            password=settings.smtp_password.get_secret_value() or None,
        )
        try:
            await connection.connect()
        except BaseException:
            connection.close()
            raise
        return connection
