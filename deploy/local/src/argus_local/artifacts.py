"""Java archives by pinned coordinates, downloaded once and checked against `artifacts.lock`.

A line of the lock names the set that an artifact belongs to, its coordinates and its SHA-256;
`python -m argus_local.relock` writes it anew.
"""

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from importlib import resources
from pathlib import Path

from argus_local import cache
from argus_local.errors import DownloadFailed

LOCK = "artifacts.lock"
ATTEMPTS = 3
TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Artifact:
    """One archive, exactly."""

    group: str
    name: str
    version: str
    sha256: str = field(kw_only=True)

    @property
    def path(self) -> str:
        """The place of the archive below the root of a Maven repository."""
        return f"{self.group.replace('.', '/')}/{self.name}/{self.version}/{self.name}-{self.version}.jar"


def locked_set(name: str) -> list[Artifact]:
    """Return the artifacts of one set, in the lock's order."""
    lines = resources.files("argus_local").joinpath(LOCK).read_text().splitlines()
    rows = [line.split() for line in lines if line.startswith(f"{name} ")]
    return [Artifact(*coordinates.split(":"), sha256=sha256) for _, coordinates, sha256 in rows]


def install(name: str) -> list[Path]:
    """Return the archives of a set, downloading what is missing or damaged."""
    return install_all(name, locked_set(name), repositories)


def install_all(name: str, artifacts: Sequence[Artifact], roots: Callable[[], list[str]]) -> list[Path]:
    """Return the archives of these artifacts, downloading what is missing or damaged from one of the roots."""
    where = cache.folder()
    with cache.locked(where):
        missing = [each for each in artifacts if not _intact(where / "maven" / each.path, each.sha256)]
        for number, artifact in enumerate(missing, start=1):
            cache.tell(f"downloading {name} {number}/{len(missing)}: {artifact.name} {artifact.version}")
            _download(artifact, where / "maven" / artifact.path, roots())
    return [where / "maven" / each.path for each in artifacts]


def _intact(path: Path, sha256: str) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest() == sha256


def _download(artifact: Artifact, target: Path, roots: list[str]) -> None:
    partial = target.with_suffix(f".{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _fetch(artifact, partial, roots)
        partial.replace(target)
    except OSError as error:
        raise DownloadFailed(f"{target.parent} cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


def _fetch(artifact: Artifact, target: Path, roots: list[str]) -> None:
    problem: object = None
    for root in ATTEMPTS * roots:
        try:
            _stream(f"{root.rstrip('/')}/{artifact.path}", target)
        except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
            problem = error
        else:
            if _intact(target, artifact.sha256):
                return
            problem = "what came is not the locked file"
    raise DownloadFailed(f"{artifact.name} {artifact.version} could not be downloaded: {problem}")


def _stream(url: str, target: Path) -> None:
    request = urllib.request.Request(url)  # noqa: S310  the roots are jgo's, https or the user's own
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer, target.open("wb") as out:  # noqa: S310
        while chunk := answer.read(1 << 18):
            out.write(chunk)


def repositories() -> list[str]:
    """Return the roots to download from: jgo's own, then those of the user's jgo configuration."""
    from jgo.config import GlobalSettings  # noqa: PLC0415  half a second that a start without downloads saves
    from jgo.maven import MavenContext  # noqa: PLC0415

    roots = dict(MavenContext().remote_repos) | dict(GlobalSettings.load().repositories)
    return list(roots.values())
