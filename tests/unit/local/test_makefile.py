"""`make` makes its virtual environment, or says what this machine lacks."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WITHOUT_PIP = f"""#!/bin/sh
test "$1" = -c && exec {sys.executable} "$@"
test "$1 $2" = "-m venv" || exit 1
mkdir -p "$3/bin"; cp "$0" "$3/bin/python"
echo "The virtual environment was not created successfully"; exit 1
"""
"""Debian's Python where python3-venv is missing."""
WITH_PIP = """#!/bin/sh
case "$*" in
  "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python";;
  "-m pip install "*) printf '#!/bin/sh\\necho uv VERSION\\n' >.venv/bin/uv; chmod +x .venv/bin/uv;;
esac
"""


@pytest.fixture
def checkout(tmp_path):
    """A folder with our Makefile and nothing to install."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("locks/all.txt", "pyproject.toml", "deploy/local/pyproject.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def install(checkout: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run `make install` with a Python that is a shell script."""
    wanted = next(line for line in (checkout / "Makefile").read_text().splitlines() if line.startswith("UV_VERSION :="))
    python = checkout / "python"
    python.write_text(script.replace("VERSION", wanted.split()[-1]))
    python.chmod(0o755)
    command = ["make", "install", f"PYTHON={python}"]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=60, check=False)


def test_a_python_that_makes_no_pip_is_told_what_it_lacks_and_leaves_nothing(checkout):
    for _ in range(2):
        done = install(checkout, WITHOUT_PIP)

        assert done.returncode != 0
        assert "apt install python3-venv" in done.stdout
        assert not (checkout / ".venv").exists()


def test_an_environment_without_pip_is_made_anew(checkout):
    broken = checkout / ".venv" / "bin" / "python"
    broken.parent.mkdir(parents=True)
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)

    done = install(checkout, WITH_PIP)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "removing .venv, which has no pip" in done.stdout


def test_an_environment_that_is_well_is_kept(checkout):
    install(checkout, WITH_PIP)
    (checkout / ".venv" / ".installed").unlink()

    done = install(checkout, WITH_PIP)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "creating" not in done.stdout
