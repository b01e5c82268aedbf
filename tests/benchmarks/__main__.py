"""`make bench`: measure the whole stack, each figure with its floor from the same run."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

from tests.benchmarks.cold import cold
from tests.benchmarks.footprint import footprint
from tests.benchmarks.ground import Ground, ground
from tests.benchmarks.index import index
from tests.benchmarks.lists import lists
from tests.benchmarks.mail import mail
from tests.benchmarks.matcher import matcher
from tests.benchmarks.posts import posts
from tests.benchmarks.reports import reports
from tests.benchmarks.rest import rest
from tests.benchmarks.soak import soak
from tests.benchmarks.table import Line, machine, shown
from tests.benchmarks.traffic import traffic

Benchmark = Callable[[Ground, int], Awaitable[list[Line]]]
ALONE: dict[str, Callable[[int], Awaitable[list[Line]]]] = {"index": index, "cold": cold, "rest": rest, "lists": lists}
"""These start what they need by themselves."""
BENCHMARKS: dict[str, Benchmark] = {
    "footprint": footprint,
    "mail": mail,
    "matcher": matcher,
    "posts": posts,
    "reports": reports,
    "soak": soak,
    "traffic": traffic,
}
LONG = ("soak",)
"""Only where they are named."""


def say(text: str) -> None:
    """Show progress beside the result."""
    sys.stderr.write(f"{text}\n")


async def run(chosen: list[str], runs: int) -> list[Line]:
    """Measure what was chosen, in an order in which the quiet comes first."""
    lines: list[Line] = []
    for name, measure in ALONE.items():
        if name in chosen:
            say(f"measuring {name}")
            lines += await measure(runs)
    if loaded := [name for name in chosen if name not in ALONE]:
        lines += await _loaded(loaded, runs)
    return lines


async def _loaded(chosen: list[str], runs: int) -> list[Line]:
    say("starting servers and services")
    lines: list[Line] = []
    async with ground() as stack:
        for name in chosen:
            say(f"measuring {name}")
            measured = await BENCHMARKS[name](stack, runs)
            say(shown(measured))
            lines += measured
    return lines


def main() -> None:
    """Read the arguments, measure, print the table."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument(
        "only", nargs="*", choices=[[], *ALONE, *BENCHMARKS],
        help="what to measure; all but soak (ten minutes) where none is named",
    )  # fmt: skip
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    usual = [name for name in (*ALONE, *BENCHMARKS) if name not in LONG]
    lines = asyncio.run(run(given.only or usual, given.runs))
    sys.stdout.write(f"{machine()}\n\n{shown(lines)}\n")


if __name__ == "__main__":
    main()
