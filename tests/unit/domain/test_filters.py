"""Filters mean the same everywhere; a slow, obvious oracle says what."""

from hypothesis import given, settings
from hypothesis import strategies as st

from argus_domain.filters import fits_event, fits_incident, is_empty, with_fallback
from argus_schemas.configuration import Filter, from_blob
from argus_schemas.incident import Acknowledgement, Tag
from argus_schemas.words import EventType, Level
from tests.builders import NAV, NOON, an_event, an_incident, at

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
        source=NAV.model_copy(update={"pk": source, "type": type_}),
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


def oracle(blob, incident):
    """Say it as the specification does, one condition after the other."""
    if all(not value and value is not False for name, value in blob.items() if name in {"open", "acked", "stateful"}):
        others = {name: value for name, value in blob.items() if name not in {"open", "acked", "stateful"}}
        if not any(others.values()):
            return False
    has_ended = incident.ended_at is not None and incident.ended_at <= NOW
    is_open = incident.stateful and not has_ended
    is_closed = incident.stateful and has_ended
    acked = False
    for ack in incident.acks:
        if ack.expires_at is None or ack.expires_at > NOW:
            acked = True
    if blob["sourceSystemIds"] and incident.source.pk not in blob["sourceSystemIds"]:
        return False
    if blob["source_types"] and incident.source.type not in blob["source_types"]:
        return False
    for key in {tag.split("=")[0] for tag in blob["tags"]}:
        wanted = [tag for tag in blob["tags"] if tag.split("=")[0] == key]
        if not any(str(tag) in wanted for tag in incident.tags):
            return False
    if blob["open"] is True and not is_open:
        return False
    if blob["open"] is False and not is_closed:
        return False
    if blob["acked"] is not None and blob["acked"] != acked:
        return False
    if blob["stateful"] is not None and blob["stateful"] != incident.stateful:
        return False
    if blob["maxlevel"] is not None and incident.level > blob["maxlevel"]:
        return False
    return not (blob["hide_closed_acked"] and is_closed and acked)


@given(filters, incidents)
@settings(max_examples=1500, deadline=None)
def test_a_filter_fits_an_incident_as_the_oracle_says(filter_, incident):
    assert fits_incident(filter_, incident, NOW) == oracle(filter_.model_dump(), incident)


def test_an_empty_filter_matches_nothing_and_false_is_a_value():
    assert is_empty(from_blob({"open": None, "tags": [], "maxlevel": None, "hide_closed_acked": False}))
    assert not is_empty(from_blob({"acked": False}))
    assert fits_incident(from_blob({"acked": False}), an_incident(), NOW)


def test_event_types_restrict_events_and_an_empty_list_fits_all():
    acks_only = from_blob({"event_types": ["ACK"]})
    assert fits_event(acks_only, an_event(type=EventType.ACKNOWLEDGE))
    assert not fits_event(acks_only, an_event(type=EventType.START))
    assert fits_event(Filter(), an_event())


def test_the_fallback_fills_what_is_unset_and_false_is_set():
    fallback = from_blob({"acked": False, "maxlevel": 3})
    assert with_fallback(from_blob({"maxlevel": 5, "open": False}), fallback) == from_blob(
        {"acked": False, "maxlevel": 5, "open": False}
    )


def test_unknown_keys_of_a_blob_are_ignored():
    assert from_blob({"maxlevel": 3, "colour": "red"}) == Filter(maxlevel=3)
