"""Whether PostgreSQL answers, for those who ask how ready we are."""

import asyncio
import time

import psycopg

from argus_runtime.health import Check
from argus_store.link import Link

SECONDS_BETWEEN_PINGS, SECONDS_FOR_A_PING = 2.0, 5.0


class Pulse:
    """Keeps a check up to date: by what our work meets and, while there is none, by asking."""

    def __init__(self, link: Link, check: Check) -> None:
        self._link = link
        self._check = check
        self._heard_at = 0.0

    def heard(self) -> None:
        """PostgreSQL has answered."""
        self._heard_at = time.monotonic()
        self._check.ok()

    def missed(self, error: BaseException) -> None:
        """PostgreSQL has not answered as it should."""
        self._check.failed(str(error) or "no answer")

    async def feel(self) -> None:
        """Ask, unless it was heard lately."""
        if time.monotonic() - self._heard_at < SECONDS_BETWEEN_PINGS:
            return
        self._heard_at = time.monotonic()
        try:
            async with asyncio.timeout(SECONDS_FOR_A_PING):
                await self._link.ping()
        except (psycopg.Error, TimeoutError, OSError) as error:
            self.missed(error)
        else:
            self.heard()
