"""Whether the process lives, and whether it is able to do its first job."""

import asyncio
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from argus_runtime.metrics import DEGRADED

SECONDS_WITHOUT_BEAT = 10.0
SECONDS_BETWEEN_BEATS = 1.0
NUMBER = re.compile(r"\d+")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class State:
    """What a check last found."""

    ok: bool
    detail: str


class Check:
    """One thing that must be well, or (not required) whose failure only degrades the service."""

    def __init__(self, name: str, *, required: bool) -> None:
        self.name = name
        self.required = required
        self.state = State(ok=False, detail="not yet")
        self._logged: set[str] = set()
        DEGRADED.labels(name).set(1)

    def ok(self, detail: str = "") -> None:
        """Say that it is well."""
        if not self.state.ok:
            self._logged.clear()
            log.info("%s: %s", self.name, detail or "well")
        self._become(State(ok=True, detail=detail))

    def failed(self, detail: str) -> None:
        """Say that it is not; each kind of failure is logged once until it is well again, whatever its numbers are."""
        kind = NUMBER.sub("#", detail)
        if kind not in self._logged:
            self._logged.add(kind)
            log.warning("%s: %s", self.name, detail or "failed")
        self._become(State(ok=False, detail=detail))

    def waits(self, detail: str) -> None:
        """Say that it is not well for now, as is to be expected at a start or when partitions change hands."""
        if self.state.ok:
            log.info("%s: %s", self.name, detail)
        self._become(State(ok=False, detail=detail))

    def __bool__(self) -> bool:
        return self.state.ok

    def _become(self, state: State) -> None:
        if state.ok != self.state.ok:
            DEGRADED.labels(self.name).set(0 if state.ok else 1)
        self.state = state


class Health:
    """All checks of a process, and the heartbeat of its event loop; read from another thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._checks: dict[str, Check] = {}
        self._lock = Lock()
        self._clock = clock
        self._beaten_at = clock()

    def check(self, name: str, *, required: bool = True) -> Check:
        """Return the check of that name; it fails until it is told otherwise."""
        with self._lock:
            return self._checks.setdefault(name, Check(name, required=required))

    def forget(self, name: str) -> None:
        """Drop a check."""
        with self._lock:
            self._checks.pop(name, None)

    async def beat(self) -> None:
        """Beat until cancelled, which shows that the event loop turns."""
        while True:
            self._beaten_at = self._clock()
            await asyncio.sleep(SECONDS_BETWEEN_BEATS)

    @property
    def live(self) -> bool:
        """Whether the event loop turned lately."""
        return self._clock() - self._beaten_at < SECONDS_WITHOUT_BEAT

    @property
    def ready(self) -> bool:
        """Whether there are checks and all that are required are well."""
        checks = self._all()
        return bool(checks) and all(check.state.ok for check in checks if check.required)

    def report(self) -> dict[str, Any]:
        """Return what `/health/ready` shows."""
        checks = {
            check.name: {"ok": check.state.ok, "detail": check.state.detail, "required": check.required}
            for check in self._all()
        }
        return {"ready": self.ready, "checks": checks}

    def _all(self) -> list[Check]:
        with self._lock:
            return list(self._checks.values())
