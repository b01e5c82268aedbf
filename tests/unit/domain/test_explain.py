"""An explanation says what decides: all that is asked holds exactly where the profile wants the event."""

from collections import Counter
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus_domain.explain import Explanation, explain
from argus_domain.maintenance import covers
from argus_domain.profiles import accepts, is_awake, is_quiet, wants
from argus_schemas.configuration import Filter, Maintenance, NamedFilter
from argus_schemas.incident import Acknowledgement
from argus_schemas.schedules import DateList, Recurrence, Timeslot
from argus_schemas.words import EventType
from tests.builders import EVERYTHING, NOON, a_profile, an_event, an_incident, at
from tests.strategies import NOW, a_tag, events, fallbacks, incidents, profiles, tasks

OFFICE = Timeslot(
    pk=2, name="office", zone="Europe/Oslo",
    recurrences=(Recurrence(days=(1, 2, 3, 4, 5), start=time(8), end=time(16)),),
)  # fmt: skip
ALL_TYPES = Filter(event_types=tuple(EventType))
mild = st.sampled_from([Filter(maxlevel=5), Filter(open=True), Filter(acked=False), ALL_TYPES])
easy = mild.map(lambda filter_: a_profile(filters=(NamedFilter(pk=30, name="mine", filter=filter_),)))
wishes = st.builds(
    lambda profile, destinations, until: profile.but(destinations=destinations, quiet_until=until),
    st.one_of(profiles, easy), st.sampled_from([(4,), (4,), ()]), st.sampled_from([None, None, NOW, at(61)]),
)  # fmt: skip
plans = st.lists(tasks, max_size=3)


def compare(count):
    """Ask so many times, and see that all verdicts come up."""
    seen: Counter[tuple[bool, bool]] = Counter()

    @given(wishes, incidents, events, fallbacks, plans)
    @settings(max_examples=count, deadline=None)
    def each(profile, incident, event, fallback, planned):
        found = explain(profile, incident, event.received_at, event, fallback=fallback or Filter(), tasks=planned)
        seen[found.wanted, found.withheld] += 1
        covering = [task for task in planned if covers(task, incident, event)]

        assert found.wanted == wants(profile, incident, event, fallback or Filter())
        assert found.withheld == (bool(covering) or is_quiet(profile, event.received_at) or not profile.destinations)
        assert [each.about for each in found.in_the_way if not each.holds and each.slug == "maintenance"] == [
            f"planned maintenance {task.pk}" for task in covering
        ]
        assert all(str(finding) for finding in (*found.asked, *found.in_the_way))

    each()
    assert min(seen[wanted, withheld] for wanted in (False, True) for withheld in (False, True)) >= count // 100


def test_explanations_have_the_verdict_of_the_rules():
    compare(400)


@pytest.mark.long
def test_ten_thousand_explanations_have_the_verdict_of_the_rules():
    compare(10_000)


@given(wishes, incidents, fallbacks)
@settings(max_examples=100, deadline=None)
def test_without_an_event_nothing_is_asked_of_events(profile, incident, fallback):
    found = explain(profile, incident, NOW, fallback=fallback or Filter())

    accepted = accepts(profile.filters, incident, NOW, fallback or Filter())
    assert found.wanted == (profile.active and profile.owner_active and accepted and is_awake(profile, NOW))
    assert "event_types" not in {finding.slug for finding in found.asked}


def failing(explanation: Explanation) -> list[str]:
    """What does not hold, as people read it."""
    return [str(each) for each in (*explanation.asked, *explanation.in_the_way) if not each.holds]


def because(profile=None, incident=None, event=None, **more):
    happened = event or an_event()
    return failing(explain(profile or a_profile(), incident or an_incident(), happened.received_at, happened, **more))


def of(**conditions):
    return a_profile(filters=(NamedFilter(pk=30, name="mine", filter=Filter(**conditions)),))


@pytest.mark.parametrize(
    ("conditions", "incident", "told"),
    [
        ({"maxlevel": 3}, {"level": 4}, "maxlevel 3: the incident has level 4"),
        ({"sourceSystemIds": (3, 7)}, {}, "sourceSystemIds 3, 7: the incident comes from source 2 (nav1)"),
        ({"source_types": ("zabbix",)}, {}, "source_types zabbix: the incident comes from a source of type nav"),
        ({"tags": ("a=1", "a=2")}, {"tags": (a_tag("a=3"),)}, "tags a=1 or a=2: the incident has a=3"),
        ({"tags": ("a=1",)}, {}, "tags a=1: the incident has no tag a"),
        ({"tags": ("nonsense",)}, {}, "tags nonsense: that names no tag, which has a key and a value"),
        ({"stateful": False}, {}, "stateful false: the incident is stateful"),
        ({"open": True}, {"ended_at": at(-1)}, "open true: the incident is closed since 2026-11-25 11:59:00+00:00"),
        ({"open": False}, {"stateful": False}, "open false: the incident is stateless, neither open nor closed"),
        ({"open": False}, {"ended_at": at(9)}, "open false: the incident is open until 2026-11-25 12:09:00+00:00"),
        ({"acked": True}, {}, "acked true: the incident is not acknowledged"),
        (
            {"acked": True}, {"acks": (Acknowledgement(event=9, expires_at=at(-1)),)},
            "acked true: the incident is not acknowledged, its acknowledgements have expired",
        ),
        (
            {"acked": False}, {"acks": (Acknowledgement(event=9, expires_at=at(9)),)},
            "acked false: the incident is acknowledged until 2026-11-25 12:09:00+00:00",
        ),
        (
            {"hide_closed_acked": True}, {"ended_at": at(-1), "acks": (Acknowledgement(event=9),)},
            "not closed and acknowledged: the incident is closed since 2026-11-25 11:59:00+00:00, and is acknowledged",
        ),
        ({"event_types": (EventType.CLOSE,)}, {}, "event_types CLO: the event is STA"),
        ({}, {}, "a condition: it has none, so it accepts nothing"),
    ],
)  # fmt: skip
def test_a_condition_that_does_not_hold_says_what_it_found(conditions, incident, told):
    assert because(of(**conditions), an_incident(**incident)) == [f"filter 'mine' (30): {told}"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"active": False}, "an active profile: it is not"),
        ({"owner_active": False}, "an active owner: it is not"),
        ({"filters": ()}, "a filter: the profile has none, so it is told of nothing"),
        ({"timeslots": ()}, "a timeslot at that time: the profile has none, so it is told of nothing"),
        ({"destinations": ()}, "a destination: the profile has none"),
        ({"quiet_until": at(5)}, "an owner who is not quiet: it is quiet until 2026-11-25 12:05:00+00:00"),
    ],
)
def test_a_profile_that_cannot_be_told_says_why(changes, told):
    assert because(a_profile(**changes)) == [told]


def test_a_timeslot_says_what_its_clocks_showed():
    sunday = an_event(occurred_at=datetime(2026, 11, 22, 21, 14, tzinfo=UTC))

    assert because(a_profile(timeslots=(OFFICE,)), event=sunday) == [
        "a timeslot at that time: timeslot 'office' (Europe/Oslo): 22:14 on Sunday is in none of its times"
    ]


def test_a_timeslot_names_the_list_that_leaves_the_day_out():
    holidays = DateList(pk=5, name="Holidays", dates=(date(2026, 11, 25),))

    (told,) = because(a_profile(timeslots=(OFFICE.but(exceptions=(holidays,)),)))

    assert told.endswith("is in none of its times; none begins on 2026-11-25, which stands in Holidays")


def test_a_condition_of_the_fallback_is_named_as_such():
    assert because(of(maxlevel=5), an_incident(), fallback=Filter(acked=True, maxlevel=1)) == [
        "filter 'mine' (30), fallback: acked true: the incident is not acknowledged"
    ]


def test_planned_maintenance_that_covers_the_incident_is_named():
    task = Maintenance(pk=7, version=1, description="Upgrade", starts_at=NOON, filters=(EVERYTHING,))

    assert because(tasks=[task, task.but(pk=8, deleted=True)]) == [
        "planned maintenance 7: no planned maintenance: 'Upgrade' covers the incident at that time"
    ]


def test_each_key_of_tags_is_a_condition_of_its_own():
    profile = of(tags=("a=1", "b=1", "b=2"))
    found = explain(profile, an_incident(tags=(a_tag("b=2"),)), NOON)

    assert [(each.wanted, each.holds) for each in found.asked if each.slug == "tags"] == [
        ("tags a=1", False), ("tags b=1 or b=2", True),
    ]  # fmt: skip


def test_long_lists_are_told_in_a_few_words():
    (told,) = because(of(sourceSystemIds=tuple(range(3, 1003))))

    assert "sourceSystemIds 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 990 more: the incident" in told


@pytest.mark.parametrize("type_", [EventType.CHANGE, EventType.END, EventType.CLOSE])
def test_what_depends_on_the_past_is_noted(type_):
    assert explain(a_profile(), an_incident(), NOON, an_event(type=type_)).note
    assert not explain(a_profile(), an_incident(), NOON, an_event()).note
