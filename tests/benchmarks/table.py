"""The result of a run: one line for each figure, with its floor and the ratio."""

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("aiokafka", "faust-streaming", "litestar", "psycopg", "pydantic", "sqlalchemy", "uvicorn", "uvloop")


@dataclass(frozen=True)
class Line:
    """A figure of several runs, what is to be reached, and the floor from the same runs."""

    name: str
    unit: str
    values: Sequence[float]
    target: str = ""
    floor: Sequence[float] = ()
    floor_name: str = ""

    def cells(self) -> list[str]:
        """Return the line as the table shows it."""
        median = statistics.median(self.values)
        floor = statistics.median(self.floor) if self.floor else None
        spread = f"{min(self.values):.4g}-{max(self.values):.4g}"
        ratio = f"{median / floor:.2f}" if floor else ""
        against = f"{floor:.4g} ({self.floor_name})" if floor is not None else ""
        return [self.name, f"{median:.4g} {self.unit}", spread, self.target, against, ratio]


def shown(lines: Sequence[Line]) -> str:
    """Return the table."""
    head = ["what", "median", "runs", "to reach", "floor", "ratio"]
    rows = [head, *(line.cells() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def machine() -> str:
    """Return what the figures were measured on."""
    model = _named("/proc/cpuinfo", "model name")
    memory = int(_named("/proc/meminfo", "MemTotal").removesuffix(" kB") or 0) // 1024
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{os.cpu_count()} cores {model or platform.machine()}, {memory} MiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}\n{packages}"
    )


def _named(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(name)), "")
