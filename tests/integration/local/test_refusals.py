"""What a machine that is not as it should be leads to: one line, no traceback, nothing left running."""

import os
import socket
import subprocess
import sys

import pytest

from argus_local.data import DataFolder


def up(*words: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "argus_local", "up", *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, env={**os.environ, **(environment or {})}, check=False
    )


@pytest.fixture
def nobody(tmp_path) -> dict[str, str]:
    """An environment in which everything must be downloaded, from where nobody answers."""
    configuration = tmp_path / "jgo.conf"
    configuration.write_text("[repositories]\ncentral = http://127.0.0.1:9\n")
    return {"JGO_CONFIG_FILE": str(configuration), "ARGUS_CACHE": str(tmp_path / "cache")}


def test_a_busy_port(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = up("--port", str(server.getsockname()[1]), "--data", str(tmp_path))

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "is taken by another program" in done.stderr


def test_a_failed_download(tmp_path, nobody):
    done = up("--port", "0", "--data", str(tmp_path / "data"), environment=nobody)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "could not be downloaded" in done.stderr.splitlines()[-1]


def test_a_folder_that_another_stack_uses(tmp_path):
    with DataFolder(tmp_path).held():
        done = up("--port", "0", "--data", str(tmp_path))

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "another argus up" in done.stderr


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()

    done = up("--port", "0", "--data", str(tmp_path / "file" / "data"))

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert str(tmp_path / "file") in done.stderr


def test_a_demo_without_a_stack(tmp_path):
    command = [sys.executable, "-m", "argus_local", "demo", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "argus up" in done.stderr
