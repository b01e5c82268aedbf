"""Filters mean the same everywhere; a slow, obvious oracle says what."""

import msgspec
import pytest
from hypothesis import given, settings

from argus_domain.filters import fits_event, fits_incident, is_empty, with_fallback
from argus_schemas.configuration import Filter, from_blob
from argus_schemas.incident import Acknowledgement
from argus_schemas.words import EventType
from tests.builders import an_event, an_incident, at
from tests.strategies import NOW, a_tag, filters, incidents


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
    assert fits_incident(filter_, incident, NOW) == oracle(msgspec.structs.asdict(filter_), incident)


@pytest.mark.rule(171)
def test_an_empty_filter_matches_nothing_and_false_is_a_value():
    assert is_empty(from_blob({}))
    assert is_empty(from_blob({"open": None, "tags": [], "maxlevel": None, "hide_closed_acked": False}))
    assert not is_empty(from_blob({"tags": [], "maxlevel": 5}))
    assert not is_empty(from_blob({"acked": False}))
    assert not fits_incident(Filter(), an_incident(), NOW)
    assert fits_incident(from_blob({"acked": False}), an_incident(), NOW)


@pytest.mark.rule(172, changed="6.1")
@pytest.mark.parametrize(
    ("wanted", "fits"),
    [(["a=1"], True), (["a=1", "c=1"], False), (["a=1", "a=2"], True), (["a=1", "b=1"], True), (["nonsense"], False)],
)
def test_one_tag_of_each_key_that_is_listed_must_be_there(wanted, fits):
    tagged = an_incident(tags=(a_tag("a=1"), a_tag("b=1")))
    assert fits_incident(from_blob({"tags": wanted}), tagged, NOW) == fits
    assert fits_incident(from_blob({"maxlevel": 5, "tags": []}), tagged, NOW)


@pytest.mark.rule(173)
def test_a_level_is_at_least_as_bad_as_the_most_that_fits():
    assert fits_incident(from_blob({"maxlevel": 3}), an_incident(level=3), NOW)
    assert not fits_incident(from_blob({"maxlevel": 3}), an_incident(level=4), NOW)


@pytest.mark.rule(175)
@pytest.mark.parametrize(
    ("ended", "acked", "fits"), [(None, True, True), (at(30), False, True), (at(30), True, False), (None, False, True)]
)
def test_what_is_closed_and_acked_can_be_hidden(ended, acked, fits):
    incident = an_incident(ended_at=ended, acks=(Acknowledgement(event=9),) if acked else ())
    assert fits_incident(from_blob({"hide_closed_acked": True}), incident, NOW) == fits


@pytest.mark.rule(174)
def test_event_types_restrict_events_and_an_empty_list_fits_all():
    acks_only = from_blob({"event_types": ["ACK"]})
    assert fits_event(acks_only, an_event(type=EventType.ACKNOWLEDGE))
    assert not fits_event(acks_only, an_event(type=EventType.START))
    assert fits_event(Filter(), an_event())


@pytest.mark.rule(176)
def test_the_fallback_s_level_counts_where_a_filter_has_none():
    fallback = from_blob({"maxlevel": 3})
    assert with_fallback(from_blob({"open": True}), fallback).maxlevel == 3
    assert with_fallback(from_blob({"maxlevel": 5}), fallback).maxlevel == 5


def test_the_fallback_fills_what_is_unset_and_false_is_set():
    fallback = from_blob({"acked": False, "maxlevel": 3})
    assert with_fallback(from_blob({"maxlevel": 5, "open": False}), fallback) == from_blob(
        {"acked": False, "maxlevel": 5, "open": False}
    )


def test_unknown_keys_of_a_blob_are_ignored():
    assert from_blob({"maxlevel": 3, "colour": "red"}) == Filter(maxlevel=3)
