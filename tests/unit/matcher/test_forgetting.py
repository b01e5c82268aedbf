"""Closed incidents are forgotten after a while, by the clock of their log; open ones never."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from argus_matcher.forgetting import sweep
from argus_matcher.lane import Lane
from argus_matcher.waiting import Pace
from argus_schemas.incident import Incident
from argus_schemas.memory import MatcherState, Telling
from tests.builders import NOON, an_event, an_incident
from tests.unit.matcher.fakes import SOURCE, FakeProducer

KEPT = timedelta(days=30)
LONG_AGO = NOON - timedelta(days=31)


def a_lane(at: datetime = NOON, **incidents: Incident) -> Lane:
    lane = Lane(SOURCE, FakeProducer(), Pace())
    lane.latest_ms = int(at.timestamp() * 1000)
    lane.states = {name.encode(): MatcherState(incident=incident).to_bytes() for name, incident in incidents.items()}
    return lane


@pytest.mark.parametrize(
    "over",
    [
        an_incident(start_time=LONG_AGO, ended_at=LONG_AGO, changed_at=LONG_AGO),
        an_incident(start_time=LONG_AGO, stateful=False, changed_at=LONG_AGO),
    ],
    ids=["closed", "stateless"],
)
async def test_what_is_over_for_long_is_forgotten(over: Incident):
    lane = a_lane(over=over)

    await sweep(lane, KEPT)

    assert lane.states == {}
    assert lane.order.next == -1


@pytest.mark.parametrize(
    "kept",
    [
        an_incident(start_time=LONG_AGO, changed_at=LONG_AGO),
        an_incident(start_time=LONG_AGO, changed_at=LONG_AGO, ended_at=NOON - timedelta(days=29)),
        an_incident(start_time=LONG_AGO, changed_at=LONG_AGO, ended_at=NOON + timedelta(days=1)),
        an_incident(start_time=LONG_AGO, ended_at=LONG_AGO, changed_at=NOON),
    ],
    ids=["open", "closed lately", "ends in future", "changed lately"],
)
async def test_what_is_not_over_for_long_is_kept(kept: Incident):
    lane = a_lane(kept=kept)

    await sweep(lane, KEPT)

    assert list(lane.states) == [b"kept"]


async def test_a_lane_that_is_behind_forgets_nothing_that_its_events_still_need():
    closed = an_incident(start_time=LONG_AGO, ended_at=LONG_AGO, changed_at=LONG_AGO)
    lane = a_lane(at=LONG_AGO, closed=closed)

    await sweep(lane, KEPT)

    assert list(lane.states) == [b"closed"]


async def test_an_incident_that_something_happens_to_is_kept():
    closed = an_incident(start_time=LONG_AGO, ended_at=LONG_AGO, changed_at=LONG_AGO)
    telling = Telling(event_id=UUID(int=1), number=0, destination=4)
    lane = a_lane()
    lane.states = {b"closed": MatcherState(incident=closed, telling=telling).to_bytes()}

    await sweep(lane, KEPT)

    assert list(lane.states) == [b"closed"]


async def test_a_state_that_cannot_be_read_stops_no_sweep():
    lane = a_lane(over=an_incident(start_time=LONG_AGO, ended_at=LONG_AGO, changed_at=LONG_AGO))
    lane.states[b"bad"] = b"not a state"

    await sweep(lane, KEPT)

    assert list(lane.states) == [b"bad"]


async def test_what_something_is_to_come_of_is_kept():
    over = an_incident(start_time=LONG_AGO, ended_at=LONG_AGO, changed_at=LONG_AGO)
    lane = a_lane(over=over)
    lane.states = {b"over": MatcherState(incident=over, news=an_event(), due_at=NOON).to_bytes()}

    await sweep(lane, KEPT)

    assert list(lane.states) == [b"over"]
