import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from argus_local import artifacts
from argus_local.errors import DownloadFailed
from argus_local.postgres_binaries import MACHINES

ARTIFACT = artifacts.Artifact("org.example", "tool", "1.0", sha256="0" * 64)


@pytest.fixture
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ARGUS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Repository:
    """A Maven repository in a folder, with one archive in it."""

    def __init__(self, root: Path):
        self.root = root
        self.archive = root / ARTIFACT.path
        self.archive.parent.mkdir(parents=True)
        self.archive.write_bytes(b"bytes of a tool")
        self.sha256 = hashlib.sha256(self.archive.read_bytes()).hexdigest()

    def install(self, sha256: str | None = None) -> Path:
        """Install the archive, which is to have its own checksum or another."""
        wanted = replace(ARTIFACT, sha256=sha256 or self.sha256)
        (path,) = artifacts.install_all("tool", [wanted], lambda: [self.root.as_uri()])
        return path


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "maven")


def test_every_locked_artifact_has_a_version_and_a_checksum():
    names = [
        "kafka",
        *(f"postgres-{system}-{machine}" for system in ("linux", "darwin") for machine in set(MACHINES.values())),
    ]
    for name in names:
        assert artifacts.locked_set(name)
        for artifact in artifacts.locked_set(name):
            assert re.fullmatch(r"\d[\w.-]*", artifact.version)
            assert re.fullmatch(r"[0-9a-f]{64}", artifact.sha256)


def test_a_set_has_one_version_of_kafka():
    own = [each for each in artifacts.locked_set("kafka") if each.group == "org.apache.kafka"]

    assert len({each.version for each in own}) == 1


def test_what_was_downloaded_once_is_not_downloaded_again(cache_folder, repository, capsys):
    first = repository.install()
    repository.archive.unlink()
    second = repository.install()

    assert first == second
    assert second.read_bytes() == b"bytes of a tool"
    assert capsys.readouterr().err.count("downloading") == 1


def test_a_damaged_archive_is_downloaded_again(cache_folder, repository):
    path = repository.install()
    path.write_bytes(b"half of")

    repository.install()

    assert path.read_bytes() == b"bytes of a tool"


def test_a_download_with_another_checksum_is_refused_and_leaves_nothing(cache_folder, repository):
    with pytest.raises(DownloadFailed, match="not the locked file"):
        repository.install(ARTIFACT.sha256)

    assert not [path for path in (cache_folder / "maven").rglob("*") if path.is_file()]


def test_a_failed_download_says_which_artifact_and_why(cache_folder, repository):
    repository.archive.unlink()

    with pytest.raises(DownloadFailed, match=r"tool 1\.0 could not be downloaded: .*No such file"):
        repository.install()


def test_what_several_install_at_once_is_downloaded_once(cache_folder, repository, capsys):
    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda _: repository.install(), range(8)))

    assert {path.read_bytes() for path in paths} == {b"bytes of a tool"}
    assert capsys.readouterr().err.count("downloading") == 1
