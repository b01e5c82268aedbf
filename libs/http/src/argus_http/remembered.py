"""What a key leads to, asked for once in a few seconds."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from argus_http.principals import Account

SECONDS = 5.0
"""For which an account is believed without asking again, unless its change is announced."""
MOST = 10_000

LookUp = Callable[[str], Awaitable[Account | None]]
"""From the SHA-256 digest of a key to what it leads to; None: there is no such key."""


class Remembered:
    """Asks `look_up` at most once in five seconds for each key, once at a time, until told to forget."""

    def __init__(
        self, look_up: LookUp, *, clock: Callable[[], float] = time.monotonic, seconds: float = SECONDS
    ) -> None:
        self._look_up = look_up
        self._clock = clock
        self._seconds = seconds
        self._known: OrderedDict[str, tuple[float, Account]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Account | None]] = {}

    async def account(self, digest: str) -> Account | None:
        """Return what the key of `digest` leads to."""
        known = self._known.get(digest)
        if known is not None and self._clock() - known[0] < self._seconds:
            return known[1]
        asking = self._asking.get(digest)
        if asking is None:
            asking = self._asking[digest] = asyncio.create_task(self._ask(digest))
            asking.add_done_callback(lambda done: self._asked(digest, done))
        return await asyncio.shield(asking)

    def forget(self, digest: str) -> None:
        """Ask anew for a key."""
        self._known.pop(digest, None)

    def forget_user(self, user: int | None) -> None:
        """Ask anew for all keys of a user, or of everybody."""
        # What is being asked may have been read before the change; who comes from now on asks anew.
        self._asking.clear()
        for digest, (_, account) in list(self._known.items()):
            if user is None or account.principal.pk == user:
                del self._known[digest]

    async def _ask(self, digest: str) -> Account | None:
        asked_at = self._clock()
        account = await self._look_up(digest)
        if self._asking.get(digest) is asyncio.current_task():
            self._known.pop(digest, None)
            if account is not None:
                self._known[digest] = (asked_at, account)
                if len(self._known) > MOST:
                    self._known.popitem(last=False)
        return account

    def _asked(self, digest: str, done: "asyncio.Task[Account | None]") -> None:
        if self._asking.get(digest) is done:
            del self._asking[digest]
