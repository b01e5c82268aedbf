"""The folder in which a local stack keeps everything, `.argus` by default."""

import fcntl
import json
import os
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from argus_cli.environment import DEFAULT_DATA, SERVERS_FILE
from argus_local.errors import DataInUse, LocalError

LEAST_FREE_BYTES = 300 * 1024 * 1024
LONGEST_LOG_BYTES = 20 * 1024 * 1024


class DataFolder:
    """Names what lies where; secrets are readable by their owner alone."""

    def __init__(self, root: Path, *, longest_log: int = LONGEST_LOG_BYTES) -> None:
        self._given, self.root = root, root.absolute()
        self._longest_log = longest_log
        self.kafka = self.root / "kafka"
        self.postgres = self.root / "postgres"
        self.mail = self.root / "mail"
        self.logs = self.root / "logs"
        self.credentials = self.root / "credentials.json"
        self.ready = self.root / "ready.json"
        self.servers = self.root / SERVERS_FILE
        self.secret_keys = self.root / "secret-keys"

    @property
    def option(self) -> str:
        """What a command that is to find this folder needs besides its own words."""
        return "" if self.root == Path(DEFAULT_DATA).absolute() else f" --data {shlex.quote(str(self._given))}"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the folder to ourselves."""
        is_new = not self.root.exists()
        self.root.mkdir(parents=True, exist_ok=True)
        lock = self.root / ".lock"
        with lock.open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DataInUse(
                    f"another argus up works in {self.root}; stop it, or choose another folder with --data"
                ) from None
            try:
                yield
            finally:
                if is_new and [*self.root.iterdir()] == [lock]:  # refused before anything was kept
                    shutil.rmtree(self.root)

    def check(self, free_in: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free) -> None:
        """Refuse to begin what a full disk would end, and set aside long logs."""
        free = free_in(self.root)
        if free < LEAST_FREE_BYTES:
            raise LocalError(
                f"the disk of {self.root} is full: {free >> 20} MiB are free, {LEAST_FREE_BYTES >> 20} MiB are needed"
            )
        for log in (*self.logs.glob("*.log"), *self.kafka.glob("*.out"), *self.postgres.glob("*.out")):
            if log.stat().st_size > self._longest_log:
                log.replace(log.with_name(f"{log.name}.1"))


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, whole or not at all."""
    partial = path.with_name(f".{path.name}.part")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    partial.replace(path)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON that its owner alone may read."""
    write_private(path, json.dumps(content, indent=2) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Return what a file holds; nothing where it is missing or no JSON object."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
