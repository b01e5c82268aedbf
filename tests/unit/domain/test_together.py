"""Filters that all have to fit ask together what they ask one by one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from argus_domain.filters import fits_event, fits_incident
from argus_domain.together import together
from argus_schemas.configuration import Filter
from argus_schemas.words import EventType
from tests.strategies import NOW, events, filters, incidents

few = st.builds(Filter, maxlevel=st.sampled_from([None, 3, 5]), event_types=st.sampled_from([(), (EventType.START,)]))


def fits(asked, incident):
    """Whether the incident fits what is asked together; an empty filter asks nothing here."""
    carried = {str(tag) for tag in incident.tags}
    fitting = asked.filter == Filter() or fits_incident(asked.filter, incident, NOW)
    return fitting and not any(clause.isdisjoint(carried) for clause in asked.clauses)


@given(st.lists(st.one_of(filters, few), max_size=3), incidents, events)
@settings(max_examples=1500, deadline=None)
def test_what_fits_all_filters_fits_what_they_ask_together(some, incident, event):
    asked, of_incidents = together(some), together(some, about_events=False)
    accepted = bool(some) and all(fits_incident(each, incident, NOW) for each in some)
    heard = all(fits_event(each, event) for each in some)

    assert (asked is not None and fits(asked, incident) and fits_event(asked.filter, event)) == (accepted and heard)
    assert (of_incidents is not None and fits(of_incidents, incident)) == accepted


def test_many_filters_that_ask_the_same_ask_it_once():
    asked = together([Filter(tags=("b=2", "a=1"), open=True, maxlevel=5), Filter(tags=("a=1",), maxlevel=3)] * 100)

    assert asked is not None
    assert asked.filter == Filter(open=True, maxlevel=3)
    assert asked.clauses == {frozenset({"a=1"}), frozenset({"b=2"})}
