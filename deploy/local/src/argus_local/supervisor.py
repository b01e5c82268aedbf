"""Programs that are kept running: one that ends is started again."""

import asyncio
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain, repeat
from subprocess import SubprocessError

from argus_local.programs import Program

DELAYS = (0.5, 1.0, 2.0, 4.0, 8.0)
STEADY_SECONDS = 30.0
"""A program that ran for so long has earned a quick restart."""


class Child:
    """One program, started again whenever it ends."""

    def __init__(self, program: Program, changed: Callable[[str], None]) -> None:
        self.program = program
        self.restarts = 0
        self._changed = changed
        self._process: Process | None = None
        self._stopping = asyncio.Event()
        self._delays = _delays()

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    async def keep(self) -> None:
        """Run the program until `stop`."""
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                self._process = await _launch(self.program)
            except (OSError, SubprocessError) as error:
                await self._wait_after(f"cannot be started: {error}", 0)
                continue
            if self.restarts:
                self._changed(f"{self.program.name} was started again")
            if self._stopping.is_set():
                self.signal_stop()
            code = await self._process.wait()
            if not self._stopping.is_set():
                await self._wait_after(_cause(self.program, code), time.monotonic() - started)

    def signal_stop(self) -> None:
        """Ask the program to end, for good."""
        self._stopping.set()
        with suppress(ProcessLookupError):
            if self._process is not None and self.pid:
                self._process.send_signal(self.program.stop_signal)

    def kill(self) -> None:
        """End the program by force, for good."""
        self._stopping.set()
        with suppress(ProcessLookupError):
            if self._process is not None and self.pid:
                self._process.kill()

    async def _wait_after(self, cause: str, seconds: float) -> None:
        if seconds > STEADY_SECONDS:
            self._delays = _delays()
        delay = next(self._delays)
        self.restarts += 1
        self._changed(f"{self.program.name} {cause}; starting it again in {delay:g} s")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), delay)


class Supervisor:
    """The programs of the stack, by name."""

    def __init__(self, changed: Callable[[str], None]) -> None:
        self.children: dict[str, Child] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._changed = changed

    def start(self, program: Program) -> Child:
        """Start a program and keep it running."""
        child = Child(program, self._changed)
        self.children[program.name] = child
        self._tasks[program.name] = asyncio.create_task(child.keep(), name=program.name)
        return child

    async def stop(self, names: Iterable[str], within: float) -> None:
        """End programs together, by force those that still run after `within` seconds."""
        names = [name for name in names if name in self._tasks]
        tasks = [self._tasks[name] for name in names]
        for name in names:
            self.children[name].signal_stop()
        if not tasks:
            return
        try:
            await asyncio.wait(tasks, timeout=within)
        finally:
            for name in names:
                self.children[name].kill()
        await asyncio.gather(*tasks, return_exceptions=True)

    def kill(self) -> None:
        """End everything by force."""
        for child in self.children.values():
            child.kill()

    @property
    def pids(self) -> dict[str, int]:
        """The process ids of those that run."""
        return {name: child.pid for name, child in self.children.items() if child.pid}


async def _launch(program: Program) -> Process:
    program.log.parent.mkdir(parents=True, exist_ok=True)
    with program.log.open("ab") as log:
        return await asyncio.create_subprocess_exec(*program.argv, stdout=log, stderr=log, **program.options())


def _delays() -> Iterator[float]:
    return chain(DELAYS, repeat(DELAYS[-1]))


def _cause(program: Program, code: int) -> str:
    if code < 0:
        return f"was ended by signal {-code}"
    said = program.complaint() if code else ""
    return f"ended with {code} ({said})" if said else f"ended with {code}"
