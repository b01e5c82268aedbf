"""When sources were last heard of."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from argus_http.last_seen import LastSeen

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Table:
    """Takes what is written, unless it is away."""

    def __init__(self) -> None:
        self.writes: list[dict[int, datetime]] = []
        self.away = False

    async def write(self, seen: Mapping[int, datetime]) -> None:
        if self.away:
            raise ConnectionError
        self.writes.append(dict(seen))


def a_register() -> tuple[LastSeen, Table, list[float]]:
    now = [0.0]
    return LastSeen(between=5, clock=lambda: now[0]), Table(), now


async def test_a_source_that_reports_all_the_time_is_written_every_few_seconds():
    seen, table, now = a_register()

    for second in range(11):
        now[0] = float(second)
        for _ in range(100):
            seen.saw(1, NOON + timedelta(seconds=second))
        await seen.flush(table.write)

    assert table.writes == [{1: NOON}, {1: NOON + timedelta(seconds=5)}, {1: NOON + timedelta(seconds=10)}]


async def test_the_last_of_what_was_seen_is_written_also_when_nothing_follows():
    seen, table, now = a_register()
    seen.saw(1, NOON)
    await seen.flush(table.write)
    seen.saw(1, NOON + timedelta(seconds=1))
    await seen.flush(table.write)
    now[0] = 5

    await seen.flush(table.write)

    assert table.writes[-1] == {1: NOON + timedelta(seconds=1)}


async def test_a_source_that_waits_delays_no_other():
    seen, table, _ = a_register()
    seen.saw(1, NOON)
    await seen.flush(table.write)
    seen.saw(1, NOON)
    seen.saw(2, NOON)

    await seen.flush(table.write)

    assert table.writes == [{1: NOON}, {2: NOON}]


async def test_what_is_older_does_not_count_and_a_person_is_no_source():
    seen, table, _ = a_register()
    seen.saw(1, NOON)
    seen.saw(1, NOON - timedelta(hours=1))
    seen.saw(None)

    await seen.flush(table.write)

    assert table.writes == [{1: NOON}]


async def test_what_could_not_be_written_is_written_later():
    seen, table, _ = a_register()
    seen.saw(1, NOON)
    table.away = True
    await seen.flush(table.write)
    table.away = False

    await seen.flush(table.write)

    assert table.writes == [{1: NOON}]
