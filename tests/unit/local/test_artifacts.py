import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
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


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A Maven repository in a folder, with one archive in it."""
    archive = tmp_path / "maven" / ARTIFACT.path
    archive.parent.mkdir(parents=True)
    archive.write_bytes(b"bytes of a tool")
    monkeypatch.setattr(artifacts, "repositories", lambda: [(tmp_path / "maven").as_uri()])
    return archive


def locked(monkeypatch, sha256: str) -> None:
    wanted = artifacts.Artifact(ARTIFACT.group, ARTIFACT.name, ARTIFACT.version, sha256=sha256)
    monkeypatch.setattr(artifacts, "locked_set", lambda _: [wanted])


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


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


def test_what_was_downloaded_once_is_not_downloaded_again(cache_folder, repository, monkeypatch, capsys):
    locked(monkeypatch, sha256_of(repository))

    first = artifacts.install("tool")
    repository.unlink()
    second = artifacts.install("tool")

    assert first == second
    assert second[0].read_bytes() == b"bytes of a tool"
    assert capsys.readouterr().err.count("downloading") == 1


def test_a_damaged_archive_is_downloaded_again(cache_folder, repository, monkeypatch):
    locked(monkeypatch, sha256_of(repository))
    (path,) = artifacts.install("tool")
    path.write_bytes(b"half of")

    artifacts.install("tool")

    assert path.read_bytes() == b"bytes of a tool"


def test_a_download_with_another_checksum_is_refused_and_leaves_nothing(cache_folder, repository, monkeypatch):
    locked(monkeypatch, ARTIFACT.sha256)

    with pytest.raises(DownloadFailed, match="not the locked file"):
        artifacts.install("tool")

    assert not [path for path in (cache_folder / "maven").rglob("*") if path.is_file()]


def test_a_failed_download_says_which_artifact_and_why(cache_folder, repository, monkeypatch):
    locked(monkeypatch, ARTIFACT.sha256)
    repository.unlink()

    with pytest.raises(DownloadFailed, match=r"tool 1\.0 could not be downloaded: .*No such file"):
        artifacts.install("tool")


def test_what_several_install_at_once_is_downloaded_once(cache_folder, repository, monkeypatch, capsys):
    locked(monkeypatch, sha256_of(repository))

    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(artifacts.install, ["tool"] * 8))

    assert {path.read_bytes() for [path] in paths} == {b"bytes of a tool"}
    assert capsys.readouterr().err.count("downloading") == 1
