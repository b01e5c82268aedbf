"""How much a source may write over HTTP: so much a second, and a burst after a pause."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from argus_http.errors import ApiError
from argus_http.principals import Principal
from argus_ingest.metrics import THROTTLED

SECONDS_OF_A_BURST = 10.0
"""Where nobody says how large a burst may be: what the rate gives in this time."""

MOST_BUCKETS = 10_000
"""Of sources that wrote lately; beyond, those that are full again are forgotten, which changes nothing."""


class Throttled(ApiError):
    """429 with `Retry-After`: too much at once."""

    def __init__(self, seconds: float) -> None:
        wait = max(1, math.ceil(seconds))
        unit = "second" if wait == 1 else "seconds"
        detail = f"Request was throttled. Expected available in {wait} {unit}."
        super().__init__(429, {"detail": detail}, {"Retry-After": str(wait)})


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Rates:
    """A bucket of tokens for each source, filled at `per_second` up to `burst`; a rate of 0 limits nobody.

    A request that costs more than a whole burst passes when the bucket is full, and is paid off before the next one.
    """

    def __init__(self, per_second: float, burst: float = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_second
        self._burst = max(1.0, burst or per_second * SECONDS_OF_A_BURST)
        self._clock = clock
        self._buckets: dict[int, _Bucket] = {}

    def __bool__(self) -> bool:
        return self._rate > 0

    def check(self, principal: Principal) -> None:
        """Raise `Throttled` where not even a single write could be paid for."""
        self._pay(principal, 1, 0)

    def take(self, principal: Principal, cost: int = 1) -> None:
        """Pay for so many writes, or raise `Throttled`."""
        self._pay(principal, cost, cost)

    def _pay(self, principal: Principal, asked: int, cost: int) -> None:
        if not self or principal.source_id is None:
            return
        bucket = self._filled(principal.source_id)
        needed = min(asked, self._burst)
        if bucket.left < needed:
            THROTTLED.inc()
            raise Throttled((needed - bucket.left) / self._rate)
        bucket.left -= cost

    def _filled(self, source: int) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.get(source)
        if bucket is None:
            if len(self._buckets) >= MOST_BUCKETS:
                self._forget(now)
            bucket = self._buckets[source] = _Bucket(self._burst, now)
        bucket.left, bucket.at = self._level(bucket, now), now
        return bucket

    def _level(self, bucket: _Bucket, now: float) -> float:
        return min(self._burst, bucket.left + (now - bucket.at) * self._rate)

    def _forget(self, now: float) -> None:
        self._buckets = {
            source: bucket for source, bucket in self._buckets.items() if self._level(bucket, now) < self._burst
        }


class Metering(ASGIMiddleware):
    """Takes one token for each request; handlers with `opt={"unmetered": True}` cost nothing, or pay by themselves."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "unmetered"

    def __init__(self, rates: Rates) -> None:
        self._rates = rates

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Take a token, then go on."""
        self._rates.take(scope["user"])
        await next_app(scope, receive, send)
