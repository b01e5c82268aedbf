"""What a service of the stack says about itself, and how long one waits for it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from aiohttp import ClientError, ClientSession, ClientTimeout

from argus_local.cache import tell
from argus_local.errors import StartFailed
from argus_local.ready import PAUSE_SECONDS, check_starts
from argus_local.supervisor import Child
from argus_runtime.errors import PositionLost, TooManyDeadLetters

REMEDY = "argus positions"
"""A position that is lost names this command; the same check fails while PostgreSQL or Kafka are away, too."""
START_AGAIN = "then start me again"
SECONDS_BETWEEN_LOOKS = 2.0


@dataclass(frozen=True, slots=True)
class Report:
    """Whether a service is ready, and what keeps it from being."""

    ready: bool = False
    failing: Mapping[str, str] = field(default_factory=dict)
    """Its required checks that fail, each with its detail."""

    @classmethod
    def of(cls, said: Any) -> "Report":
        """Read what `/health/ready` answers."""
        checks = said["checks"]
        failing = {name: found["detail"] for name, found in checks.items() if found["required"] and not found["ok"]}
        return cls(bool(said["ready"]), failing)

    @property
    def problem(self) -> str:
        """All that fails, in words."""
        said = (f"{name}: {detail or 'failed'}" for name, detail in self.failing.items())
        return "; ".join(said) or "its health does not answer"

    @property
    def for_operator(self) -> str:
        """What no patience helps against; empty: it may still become ready by itself."""
        if detail := self.failing.get(TooManyDeadLetters.check):
            return detail
        first, *more = self.failing.get(PositionLost.check, "").split("; ")
        if REMEDY not in first:
            return ""
        return f"{first} (and {len(more)} more)" if more else first


async def ask(session: ClientSession, url: str) -> Report:
    """Ask a service how it is; one that does not answer is not ready."""
    try:
        async with session.get(url, timeout=ClientTimeout(total=5)) as answer:
            return Report.of(await answer.json(content_type=None))
    except (ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError):
        return Report()


async def until_well(child: Child, ask: Callable[[], Awaitable[Report]], within: float) -> None:
    """Return once the service is ready; one that needs its operator is waited for, however long that takes.

    Raises:
        StartFailed: it ends again and again, or takes too long for another reason.
    """
    deadline, restarts, told = time.monotonic() + within, 0, ""
    while not (report := await ask()).ready:
        if report.for_operator:
            deadline, restarts = time.monotonic() + within, child.restarts
            told = _tell(child, report, told)
        check_starts(child, restarts)
        if time.monotonic() > deadline:
            name, log = child.program.name, child.program.log
            raise StartFailed(f"{name} was not ready within {within:.0f} s ({report.problem}), see {log}")
        await asyncio.sleep(PAUSE_SECONDS)


async def watch(
    child: Child, ask: Callable[[], Awaitable[Report]], *, pause: float = SECONDS_BETWEEN_LOOKS
) -> NoReturn:
    """Say whenever the service comes to need its operator, until cancelled."""
    told = ""
    while True:
        report = await ask()
        if report.for_operator:
            told = _tell(child, report, told)
        elif report.ready:
            told = ""
        await asyncio.sleep(pause)


def _tell(child: Child, report: Report, told: str) -> str:
    how = report.for_operator.replace(START_AGAIN, f"{START_AGAIN} with `kill {child.pid}`")
    line = f"{child.program.name} waits for you: {how}"
    if line != told:
        tell(line)
    return line
