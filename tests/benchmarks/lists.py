"""Lists of incidents with a thousand, a hundred thousand and five million of them, and the plans of each.

The reports under `build/` keep what PostgreSQL did for each named query; one that reads all incidents or events, where
there are many, ends the benchmark.
"""

import asyncio
import os
import re
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from argus_database.engine import READS
from argus_database.migrate import migrate
from argus_local.postgres import Postgres
from argus_local.server import running
from tests.benchmarks.asking import Server, Statement, serving
from tests.benchmarks.many import fill
from tests.benchmarks.named import LIST, Named, named
from tests.benchmarks.table import Line

SIZES = (1_000, 100_000, 5_000_000)
MANY = 100_000
"""With fewer, reading them all is the right plan."""

TIMES = 100
REPORTS = Path("build")
SCAN = re.compile(r"Seq Scan on (incidents|events)\b(?!.*never executed)")
DETAILS, AT_ONCE = 4_000, 32
KEPT = "ARGUS_BENCH_LISTS"
"""Names a folder where the databases stay for the next run: the largest takes some minutes to make."""


class ReadsAll(AssertionError):
    """A named query whose plan reads a whole table."""


async def lists(_runs: int) -> list[Line]:
    """Measure all sizes, each in a server of its own."""
    lines: list[Line] = []
    for size in SIZES:
        with database(size) as url:
            lines += await measured(url, size)
    return lines


@contextmanager
def database(size: int) -> Iterator[str]:
    """Give a database with so many incidents, as a run before left it where it was told to."""
    with tempfile.TemporaryDirectory(prefix="argus-lists-", ignore_cleanup_errors=True) as passing:
        folder = Path(os.environ.get(KEPT, passing)) / str(size)
        postgres = Postgres(folder, hasty=True, settings={"shared_buffers": "1GB", "max_wal_size": "8GB"})
        with running(postgres):
            url = postgres.create_database("argus")
            migrate(url)
            if not (folder / "filled").exists():
                fill(url, size)
                (folder / "filled").touch()
            yield url


async def measured(url: str, size: int) -> list[Line]:
    """Return the lines of one size, and write its report."""
    lines: list[Line] = []
    plans: list[str] = []
    scanning: list[str] = []
    async with serving(url) as server:
        for name, request in named(await server.cursor()).items():
            taken = await server.measured(request.path, request.query_string, TIMES)
            plan = explained(url, await _statements(server, request))
            if size >= MANY and SCAN.search(plan) and "count" not in request.query:
                scanning.append(name)
            counted, busy = _up_to_p99(each.wall for each in taken), _up_to_p99(each.processor for each in taken)
            figures = f"median {statistics.median(counted):.1f}, p99 {counted[-1]:.1f} ms"
            figures += f"; processor time of api and PostgreSQL {statistics.median(busy):.1f}, p99 {busy[-1]:.1f} ms"
            plans.append(f"== {name}: {dict(request.query)}: {figures}\n{plan}")
            lines.append(Line(f"{size:,} incidents: {name}, up to p99", "ms", counted, f"<= {request.most:g}"))
        lines += [await _page_cpu(server, size), await _details(server, size)]
    report = REPORTS / f"lists-{size}.txt"
    await asyncio.to_thread(_write, report, plans)
    if scanning:
        raise ReadsAll(f"with {size:,} incidents {', '.join(scanning)}: see {report}")
    return lines


def explained(url: str, statements: Sequence[Statement]) -> str:
    """Return what PostgreSQL did for statements."""
    options = " ".join(f"-c {name}={value}" for name, value in READS.items())
    with psycopg.connect(url, options=options) as connection:
        rows: list[tuple[Any, ...]] = []
        for statement, values in statements:
            if "set_config" in statement:  # which would bound this, too
                continue
            rows += connection.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}".encode(), values).fetchall()
    return "\n".join(row[0] for row in rows)


def _up_to_p99(milliseconds: Iterable[float]) -> list[float]:
    taken = sorted(milliseconds)
    return taken[: len(taken) - len(taken) // 100]


async def _statements(server: Server, request: Named) -> list[Statement]:
    with server.statements() as executed:
        await server.get(request.path, request.query_string)
    return list(executed)


async def _page_cpu(server: Server, size: int) -> Line:
    began = time.process_time()
    for _ in range(TIMES):
        await server.get(LIST)
    each = (time.process_time() - began) * 1000 / TIMES
    return Line(f"{size:,} incidents: a page of 100, processor time of api", "ms", [each], "<= 5")


async def _details(server: Server, size: int) -> Line:
    pks = iter([number * 7919 % size + 1 for number in range(DETAILS)])

    async def ask() -> None:
        for pk in pks:
            await server.get(f"{LIST}{pk}/")

    began = time.perf_counter()
    await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    return Line(f"{size:,} incidents: details", "/s", [DETAILS / (time.perf_counter() - began)], ">= 1500")


def _write(report: Path, plans: Sequence[str]) -> None:
    report.parent.mkdir(exist_ok=True)
    report.write_text("\n\n".join(plans) + "\n")
