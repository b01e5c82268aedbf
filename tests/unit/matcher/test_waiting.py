"""Transactions begin soon while there is little to decide, and seldom while there is much."""

import time

import pytest

from argus_matcher.patience import Patience
from argus_matcher.waiting import Pace

PATIENCE = Patience(between_turns=0.01, for_an_event=0.001, longest_turn=0.06)


@pytest.mark.parametrize(("events", "at_least"), [(0, 0.01), (20, 0.03), (10_000, 0.06)])
async def test_the_more_events_there_were_the_later_is_the_turn_after_the_next(events: int, at_least: float):
    pace = Pace(PATIENCE)
    pace.events += events

    await pace.turn()
    begun = time.monotonic()
    await pace.turn()

    assert at_least <= time.monotonic() - begun + 0.001 < 5


async def test_who_has_waited_long_enough_begins_at_once():
    pace = Pace(Patience(between_turns=0.0, for_an_event=0.0))

    begun = time.monotonic()
    for _ in range(100):
        await pace.turn()

    assert time.monotonic() - begun < 1
