"""Filters, incidents that differ in all that filters look at, and the rules and events that a matcher knows."""

from hypothesis import strategies as st

from argus_schemas.configuration import Filter, Maintenance, NamedFilter, Profile
from argus_schemas.incident import Acknowledgement, Tag
from argus_schemas.words import EventType, Level
from tests.builders import ALL_THE_TIME, NAV, NOON, an_event, an_incident, at

TAGS = ["a=1", "a=2", "b=1", "c=x=y"]
NOW = at(60)


def a_tag(text):
    key, value = text.split("=", 1)
    return Tag(key=key, value=value, added_by=6, added_at=NOON)


tristate = st.sampled_from([None, True, False])
filters = st.builds(
    Filter,
    sourceSystemIds=st.sets(st.integers(1, 3), max_size=2).map(tuple),
    source_types=st.sets(st.sampled_from(["nav", "zabbix"]), max_size=2).map(tuple),
    tags=st.sets(st.sampled_from([*TAGS, "nonsense"]), max_size=3).map(tuple),
    open=tristate,
    acked=tristate,
    stateful=tristate,
    maxlevel=st.sampled_from([None, 1, 3, 5]),
    event_types=st.sets(st.sampled_from(list(EventType)), max_size=2).map(tuple),
    hide_closed_acked=st.booleans(),
)
incidents = st.builds(
    lambda source, type_, tags, stateful, ended, ack, level: an_incident(
        source=NAV.but(pk=source, type=type_),
        tags=tuple(a_tag(text) for text in sorted(tags)),
        stateful=stateful,
        ended_at=ended if stateful else None,
        acks=ack,
        level=level,
    ),
    st.integers(1, 3),
    st.sampled_from(["nav", "zabbix"]),
    st.sets(st.sampled_from(TAGS)),
    st.booleans(),
    st.sampled_from([None, at(30), at(60), at(90)]),
    st.sampled_from([(), (Acknowledgement(event=9),), (Acknowledgement(event=9, expires_at=at(60)),)]),
    st.sampled_from(list(Level)),
)

NEVER = ALL_THE_TIME.but(recurrences=())

named = st.lists(filters, max_size=3).map(
    lambda some: tuple(NamedFilter(pk=pk, name="f", filter=each) for pk, each in enumerate(some, 1))
)
pks = st.integers(1, 6)
seldom = st.sampled_from([False, False, True])
often = st.sampled_from([True, True, True, False])
profiles = st.builds(
    Profile, pk=pks, version=st.integers(1, 99), owner=st.just(7), owner_active=often, active=often, filters=named,
    timeslots=st.sampled_from([(ALL_THE_TIME,), (NEVER, ALL_THE_TIME), (NEVER,), ()]), destinations=st.just((4,)),
)  # fmt: skip
tasks = st.builds(
    Maintenance, pk=pks, version=st.integers(1, 99), starts_at=st.sampled_from([at(0), at(60), at(61)]),
    ends_at=st.sampled_from([None, at(59), at(60), at(90)]), filters=named, deleted=seldom,
)  # fmt: skip
events = st.builds(
    lambda kind, minute: an_event(type=kind, occurred_at=at(minute), received_at=NOW),
    st.sampled_from(list(EventType)),
    st.sampled_from([0, 60, 61]),
)
fallbacks = st.sampled_from([None, Filter(), Filter(acked=False), Filter(event_types=(EventType.START,), maxlevel=3)])
