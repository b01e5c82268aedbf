"""The README alone leads from an empty clone to a first mail: its own code blocks are run."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.eventually import eventually_blocking
from tests.mails import Mails

ROOT = Path(__file__).parent.parent.parent
MINUTES = 5 * 60
_BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.timeout(2 * MINUTES)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What a newcomer has after `git clone`, with what is not committed yet."""
    folder = tmp_path / "argus-stream"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


@pytest.fixture
def up(clone: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`make up`, until the test ends; any free port, so that it can run beside another."""
    with (clone / "up.log").open("wb") as log:
        process = subprocess.Popen(
            ["make", "up"], cwd=clone, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            env=_environment() | {"ARGS": "--port 0"},
        )  # fmt: skip
    yield process
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(20)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def test_the_readmes_code_blocks_lead_from_an_empty_clone_to_a_first_mail(clone: Path, up: subprocess.Popen[bytes]):
    first, *following = _blocks((clone / "README.md").read_text())
    assert [line.split("#")[0].strip() for line in first[1].splitlines()] == ["make up", "make test"]

    eventually_blocking(lambda: _is_up(clone, up), within=MINUTES, pause=0.5)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", _script(following)],
        cwd=clone, env=_environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    mails = Mails(clone / ".argus" / "mail")
    told = {"first-1": ["STA"], "first-2": ["STA", "END"], "first-3": ["STA", "END"]}
    eventually_blocking(lambda: mails.by_incident() == told, within=30)
    assert (clone / ".argus" / "credentials.json").stat().st_mode & 0o777 == 0o600


def _blocks(text: str) -> list[tuple[str, str]]:
    return [(found[1], found[2]) for found in _BLOCK.finditer(text)]


def _script(blocks: list[tuple[str, str]]) -> str:
    return "\n".join(
        code if kind == "sh" else f".venv/bin/python - <<'PYTHON'\n{code}\nPYTHON" for kind, code in blocks
    )


def _is_up(clone: Path, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, (clone / "up.log").read_text()
    return (clone / ".argus" / "ready.json").exists()


def _environment() -> dict[str, str]:
    """Return our environment without what would point `make` and `argus` elsewhere."""
    ours = ("ARGUS_", "MAKE", "MFLAGS", "VIRTUAL_ENV", "ARGS", "PYTEST", "DATABASE_URL", "KAFKA_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    if cache := os.environ.get("ARGUS_CACHE"):
        kept["ARGUS_CACHE"] = cache
    return kept
