"""Who stands outside the log is lost, and what is gone is no lag."""

import pytest

from argus_cli.positions.readers import READERS
from argus_cli.positions.standings import Standing
from argus_runtime.kafka import Partition

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
