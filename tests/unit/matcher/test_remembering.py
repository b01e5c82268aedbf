"""What is remembered of an incident fits its topic, however many it concerns."""

from typing import Any

import pytest

from argus_matcher.remembering import capped
from argus_schemas.memory import MOST_TOLD, Escalation, Flapping, MatcherState, Told, Withheld
from argus_schemas.topics import INCIDENT_STATES
from tests.builders import NOON, an_event, an_incident, at

LATER = at(0.123456)
LARGE: dict[str, Any] = {
    "incident": an_incident(metadata={"output": "x" * 1_200_000}),
    "news": an_event(),
    "due_at": NOON,
}


def told(many: int, **changes: Any) -> tuple[Told, ...]:
    return tuple(Told(destination=pk, owner=pk, profiles=(pk,), **changes) for pk in range(1, many + 1))


def withheld(many: int) -> tuple[Withheld, ...]:
    found = range(100_000, 100_000 + many)
    return tuple(Withheld(destination=pk, owner=pk, profiles=(pk,), task=7, due_at=LATER) for pk in found)


def escalations(many: int) -> tuple[Escalation, ...]:
    return tuple(Escalation(profile=pk, step=1, since=LATER, due_at=LATER) for pk in range(1, many + 1))


def flapping(many: int) -> tuple[Flapping, ...]:
    moments: dict[str, Any] = {"since": LATER, "settled_at": LATER, "summary_at": LATER}
    return tuple(Flapping(profile=pk, changes=3, summaries=2, **moments) for pk in range(1, many + 1))


def entries(state: MatcherState) -> int:
    return len(state.told) + len(state.withheld) + len(state.escalations) + len(state.flapping)


@pytest.mark.parametrize(
    "kept",
    [
        {"told": told(20_000), "escalations": escalations(100_000)},
        {"told": told(20_000), "withheld": withheld(20_000), "escalations": escalations(20_000)},
        {"flapping": flapping(100_000)},
    ],
    ids=["escalations", "withheld", "flapping"],
)
def test_more_than_fits_the_topic_is_left_out_and_counted(kept: dict[str, Any]):
    state = MatcherState(**LARGE, **kept)
    assert len(state.to_bytes()) > INCIDENT_STATES.largest

    found, forgotten = capped(state)

    assert 0.9 * INCIDENT_STATES.largest < len(found.to_bytes()) < INCIDENT_STATES.largest
    assert found.told == state.told
    assert forgotten == entries(state) - entries(found) > 0
    assert found.incident == state.incident


def test_what_fits_is_kept():
    state = MatcherState(**LARGE, told=told(1000), withheld=withheld(1000), flapping=flapping(1000))

    assert capped(state) == (state, 0)


def test_destinations_of_many_profiles_count_by_what_they_take():
    many = tuple(range(1, 1001))
    state = MatcherState(**LARGE, told=tuple(each.but(profiles=many) for each in told(2000)))

    found, forgotten = capped(state)

    assert len(found.to_bytes()) < INCIDENT_STATES.largest
    assert len(found.told) + forgotten == 2000


def test_no_more_destinations_are_remembered_than_that():
    found, forgotten = capped(MatcherState(incident=an_incident(), told=told(MOST_TOLD + 3)))

    assert (len(found.told), forgotten) == (MOST_TOLD, 3)
