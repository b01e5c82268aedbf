"""Load from a process of its own, and the lines that its figures make."""

from collections.abc import Sequence

from tests.benchmarks.ground import in_own_process
from tests.benchmarks.table import Line

SECONDS = 8.0

Figures = Sequence[dict[str, float]]


async def load(
    url: str, token: str, connections: int, *, seconds: float = SECONDS, status: str = "201", **words: object
) -> dict[str, float]:
    """Return what the load saw; every request must have been answered with `status`."""
    more = [word for name, value in words.items() for word in (f"--{name}", value)]
    found = await in_own_process(
        "tests.benchmarks.http_load", url, "--token", token, "--connections", connections, "--seconds", seconds, *more
    )
    assert set(found["statuses"]) == {status}, found["statuses"]
    return found


def lines_of(name: str, targets: Sequence[str], found: Figures, floor: Figures = (), *, each: int = 1) -> list[Line]:
    """Return lines for requests a second (times what `each` has), p50 and p99, beside their targets."""
    kinds = (("per_second", name, "/s", each), ("p50_ms", "  p50", "ms", 1), ("p99_ms", "  p99", "ms", 1))
    return [
        Line(
            label, unit, [times * one[key] for one in found], target, [one[key] for one in floor],
            "echo" if floor else "",
        )
        for (key, label, unit, times), target in zip(kinds, targets, strict=True)
    ]  # fmt: skip
