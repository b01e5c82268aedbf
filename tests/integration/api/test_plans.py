"""No list reads all incidents or events, whatever is asked for (the named queries of the benchmark, fewer rows)."""

from tests.benchmarks.asking import serving
from tests.benchmarks.lists import SCAN, explained
from tests.benchmarks.many import fill
from tests.benchmarks.named import named

ENOUGH = 30_000
"""Incidents: with fewer, reading them all is the right plan for some."""


async def test_no_list_reads_all_incidents_or_events(database_url):
    fill(database_url, ENOUGH)
    scanning = {}
    async with serving(database_url) as server:
        for name, request in named(await server.cursor()).items():
            with server.statements() as executed:
                await server.get(request.path, request.query_string)
            plan = explained(database_url, list(executed))
            if "count" not in request.query and SCAN.search(plan):
                scanning[name] = plan
    assert scanning == {}
