"""A program of the local stack: what to start, and how it ends."""

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
LONGEST_LINE = 300
# Loaded before any fork: loading a library in a forked child of a threaded process may hang.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """What to start; it ends with the process that started it, however that ends."""

    name: str
    argv: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    """What is added to our own environment."""
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    """What the kernel sends when its parent is gone."""

    def options(self) -> dict[str, Any]:
        """Return the keyword arguments for `subprocess` and `asyncio` alike, but for the output."""
        return {
            "env": {**os.environ, **self.environment},
            "stdin": subprocess.DEVNULL,
            "start_new_session": True,  # Ctrl-C is for the supervisor, which stops all in order
            "preexec_fn": dying_with_parent(self.death_signal),
            **({"user": self.user} if self.user else {}),
        }

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the program, its output going to the end of its log.

        Call it from a thread that stays: to the kernel, the thread that starts a program is its parent.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            return subprocess.Popen(self.argv, stdout=log, stderr=log, **self.options())

    def last_words(self, lines: int = 5) -> str:
        """Return the end of the log, for a message about a failure."""
        try:
            text = self.log.read_text(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def complaint(self) -> str:
        """Return the last thing that it said, as one line."""
        line = self.last_words(1)
        try:
            said = json.loads(line)
            causes = said.get("exception", "").splitlines()
        except (ValueError, AttributeError):
            return line[:LONGEST_LINE]
        words = [cause.strip(" |+-\t") for cause in causes]
        return ": ".join([said.get("message", ""), *[word for word in words if word][-1:]])[:LONGEST_LINE]


def dying_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child calls first, so that the kernel ends it with its parent."""
    parent = os.getpid()

    def prepare() -> None:
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # the parent was gone before the kernel knew our wish
            os._exit(1)

    return prepare
