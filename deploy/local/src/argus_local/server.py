"""What the embedded servers have in common, and how a test runs one."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from argus_local.errors import StartFailed
from argus_local.programs import Program

PATIENCE_SECONDS = 60.0
STOP_SECONDS = 8.0
PAUSE_SECONDS = 0.05


class Server(Protocol):
    """A server that lives in a folder and listens on one port of 127.0.0.1."""

    port: int

    def prepare(self) -> None:
        """Install and initialise what is missing; harmless when repeated."""

    def program(self) -> Program:
        """Return what to start."""

    def ready(self) -> bool:
        """Tell whether it answers."""


class Running:
    """A started server, with what a test does to it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._program = server.program()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._running().pid

    def start(self) -> None:
        """Start the server, again after a stop or kill, and wait until it answers."""
        self._process = self._program.launch()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.server.ready():
            if self._process.poll() is not None:
                raise StartFailed(f"{self._program.name} ended: {self._program.complaint()}")
            if time.monotonic() > deadline:
                self.kill()
                raise StartFailed(f"{self._program.name} did not answer within {PATIENCE_SECONDS:.0f} s")
            time.sleep(PAUSE_SECONDS)

    def stop(self) -> None:
        """End the server cleanly, by force where it takes too long; harmless when repeated."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(self._program.stop_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the server as a crash would."""
        process = self._running()
        process.kill()
        process.wait()

    def signal(self, signum: int) -> None:
        """Send a signal, such as SIGSTOP and SIGCONT."""
        self._running().send_signal(signum)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise StartFailed(f"{self._program.name} was not started")
        return self._process


@contextmanager
def running(server: Server) -> Iterator[Running]:
    """Prepare and start a server for the length of a block."""
    server.prepare()
    started = Running(server)
    try:
        started.start()
        yield started
    finally:
        started.stop()
