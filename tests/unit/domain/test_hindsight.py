"""What an incident was after one of its events, told from what is kept, is what the fold made of it then."""

from hypothesis import given, settings
from hypothesis import strategies as st

from argus_domain.filters import condition_of
from argus_domain.fold import fold
from argus_domain.hindsight import TURNS, Turns, after
from argus_domain.outcome import State
from argus_schemas.words import EventType
from tests.builders import a_create, a_draft, a_happening, an_ack, at

TYPES = [EventType.END, EventType.CLOSE, EventType.REOPEN, EventType.RESTART, EventType.OTHER]
steps = st.lists(st.one_of(st.sampled_from(TYPES), st.sampled_from([None, 30.0, 9000.0])), max_size=8)


def records(steps, *, stateful):
    yield a_create(draft=a_draft(stateful=stateful))
    for number, step in enumerate(steps, 1):
        if isinstance(step, EventType):
            yield a_happening(step, minutes=number, event_pk=100 + number)
        else:
            yield an_ack(minutes=number, event_pk=100 + number, expires_at=step and at(number + step))


def story(steps, *, stateful):
    """Each event, and the incident as the fold left it after it."""
    state = State()
    for record in records(steps, stateful=stateful):
        state, outcome = fold(state, record)
        for event in outcome.events:
            yield event, state.incident


@given(steps, st.booleans())
@settings(max_examples=500, deadline=None)
def test_an_incident_is_told_as_it_was_after_each_of_its_events(steps, stateful):
    told = list(story(steps, stateful=stateful))
    (_, now) = told[-1]
    for number, (event, then) in enumerate(told):
        turns = [each for each, _ in told[: number + 1] if each.type in TURNS]
        later = any(each.type in TURNS for each, _ in told[number + 1 :])
        acks = {each.pk for each, _ in told[: number + 1] if each.type is EventType.ACKNOWLEDGE}

        found = after(now, Turns(turns[-1], later), acks)

        assert condition_of(found, event.received_at) == condition_of(then, event.received_at)
        assert found.acks == then.acks
