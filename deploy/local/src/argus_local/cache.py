"""The per-user folder in which downloads are kept, shared by all checkouts and test runs."""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def folder() -> Path:
    """Return where downloads are kept: `ARGUS_CACHE`, else `argus-stream` in the user's cache."""
    if own := os.environ.get("ARGUS_CACHE"):
        return Path(own).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "argus-stream"


@contextmanager
def locked(where: Path) -> Iterator[None]:
    """Hold the cache, so that two processes may install at the same time."""
    where.mkdir(parents=True, exist_ok=True)
    with (where / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("waiting for another process that is installing")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def tell(line: str) -> None:
    """Show how far we are, where it disturbs no output that is read by a program."""
    with suppress(OSError):  # nobody reads on, as after `make up | head`
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
