"""PostgreSQL's programs, unpacked once from the locked archive of this platform."""

import io
import platform
import shutil
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from argus_local import artifacts, cache
from argus_local.account import Account
from argus_local.errors import Unsupported

MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64v8", "arm64": "arm64v8"}
FILTER: dict[str, Any] = {"filter": "tar"} if hasattr(tarfile, "tar_filter") else {}
"""Python 3.11 knows filters from its fourth bug fix on."""
SHARED = Path("/var/cache/argus-stream")
"""For the user that PostgreSQL runs as where root must not: root's own cache is closed to it."""


def install(account: Account) -> Path:
    """Return the folder with `bin/postgres` in it, for `account` to run."""
    name = f"postgres-{_platform()}"
    (archive,) = artifacts.install(name)
    where = SHARED if account.user else cache.folder()
    home = where / f"{name}-{artifacts.locked_set(name)[0].sha256[:12]}"
    with cache.locked(cache.folder()):
        if not (home / "bin" / "postgres").exists():
            _unpack(archive, home)
    return home


def _platform() -> str:
    machine = MACHINES.get(platform.machine().lower())
    if machine is None or sys.platform not in {"linux", "darwin"}:
        raise Unsupported(f"there is no PostgreSQL for {sys.platform} on {platform.machine()}")
    return f"{sys.platform}-{machine}"


def _unpack(archive: Path, home: Path) -> None:
    cache.tell("unpacking PostgreSQL")
    home.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix="unpacking-", dir=home.parent))
    try:
        with zipfile.ZipFile(archive) as jar:
            (inner,) = [name for name in jar.namelist() if name.endswith(".txz")]
            with tarfile.open(fileobj=io.BytesIO(jar.read(inner)), mode="r:xz") as files:
                files.extractall(partial, **FILTER)  # noqa: S202  its checksum is locked
        partial.chmod(0o755)
        shutil.rmtree(home, ignore_errors=True)
        partial.replace(home)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
