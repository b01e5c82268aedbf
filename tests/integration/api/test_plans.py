"""No list reads all incidents or events, whatever is asked for (the named queries of the benchmark, fewer rows)."""

from datetime import UTC, datetime

from argus_api.repositories.incidents import incidents
from argus_api.repositories.previewing import asking
from argus_schemas.configuration import Filter, NamedFilter
from tests.benchmarks.asking import serving
from tests.benchmarks.lists import SCAN, explained
from tests.benchmarks.many import fill
from tests.benchmarks.named import named
from tests.builders import a_profile

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


FILTERS = {
    "open and bad": (Filter(open=True), Filter(maxlevel=2)),
    "of a source, tagged": (Filter(sourceSystemIds=(1001,)), Filter(tags=("site=site3",))),
    "rarely tagged, not acked": (Filter(tags=("customer=c5",)), Filter(acked=False)),
    "closed, of a type": (Filter(open=False), Filter(source_types=("zabbix",), hide_closed_acked=True)),
    "of two sources and not both": (Filter(sourceSystemIds=(1001,)), Filter(sourceSystemIds=(1020,))),
}


async def test_no_preview_of_a_profile_reads_all_incidents(database_url):
    fill(database_url, ENOUGH)
    scanning = {}
    async with serving(database_url) as server:
        for name, filters in FILTERS.items():
            profile = a_profile(filters=tuple(NamedFilter(pk=1, name="f", filter=each) for each in filters))
            with server.statements() as executed:
                async with server._sessions() as session:
                    await incidents(session, asking(profile, datetime.now(UTC), Filter()), None, 100)
            plan = explained(database_url, list(executed))
            if SCAN.search(plan):
                scanning[name] = plan
    assert scanning == {}
