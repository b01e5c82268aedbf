"""Who stands outside the log is lost, and what is gone is no lag."""

from collections.abc import Collection
from typing import Any, cast

import pytest

from argus_cli.positions.readers import READERS
from argus_cli.positions.standings import Standing, standings
from argus_runtime.kafka import Kafka, Partition

PLACE = Partition("argus.incident-events", 3)


def standing(position: int | None, *, remembers: bool = False) -> Standing:
    """A reader of a log that has the records from 5 to 9."""
    return Standing("matcher", PLACE, position, first=5, end=10, remembers=remembers)


@pytest.mark.parametrize(("position", "lost"), [(4, True), (5, False), (10, False), (11, True), (None, False)])
def test_a_position_outside_the_log_is_lost(position, lost):
    assert standing(position).lost is lost


def test_who_remembers_what_came_before_is_lost_without_a_position():
    assert standing(None, remembers=True).lost


@pytest.mark.parametrize(("position", "lag"), [(None, 5), (2, 5), (7, 3), (10, 0), (12, 0)])
def test_lag_counts_what_the_log_still_has(position, lag):
    assert standing(position).lag == lag


@pytest.mark.parametrize(
    ("reader", "topics"),
    [("ingest", {"reports.nav1"}), ("store", {"incident-events", "notifications", "deliveries"}),
     ("matcher", {"incident-events"}), ("dispatch", {"notifications"})],
)  # fmt: skip
def test_each_reader_reads_its_topics_alone(reader, topics):
    there = {"reports.nav1", "reports", "incident-events", "notifications", "deliveries", "rules", "dead-letters"}
    assert {topic for topic in there if READERS[reader].reads(topic)} == topics


class BusyKafka:
    """A log that grows with every question, and a reader that is always at its end."""

    def __init__(self) -> None:
        self._end = 0

    async def admin(self) -> "BusyKafka":
        return self

    def without_prefix(self, name: str) -> str:
        return name

    async def topics(self) -> set[str]:
        return {"notifications"}

    async def partitions(self, names: Collection[str]) -> dict[str, int]:
        return dict.fromkeys(names, 1)

    async def bounds(self, places: Collection[Partition]) -> dict[Partition, tuple[int, int]]:
        self._end += 1
        return dict.fromkeys(places, (0, self._end))

    async def positions(self, _group: str) -> dict[Partition, int]:
        self._end += 1
        return {Partition("notifications", 0): self._end}


async def test_a_reader_that_is_at_work_meanwhile_is_not_taken_for_lost():
    [found] = await standings(cast("Kafka", BusyKafka()), cast("Any", None), [READERS["dispatch"]])

    assert not found.lost
