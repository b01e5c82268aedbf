"""Packages of somebody else's, each with media of its own, and how they are installed for processes of a test."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
UV = Path(sys.executable).parent / "uv"


def install(folder: Path, *names: str) -> dict[str, str]:
    """Install packages of this folder into `folder`, and return the environment in which processes find them."""
    command = [str(UV), "pip", "install", "--quiet", "--offline", "--no-deps", "--python", sys.executable]
    subprocess.run([*command, "--target", str(folder), *(str(HERE / name) for name in names)], check=True)
    return {"PYTHONPATH": str(folder)}
