"""What is wrong with sources and their tokens: rules 152-158 of the specification, decided without a clock."""

from datetime import UTC, datetime, timedelta

import pytest

from argus_api.concerns import Concern, Token, Watched, expiries, renewals, returns, silences

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7)


def a_source(
    seen: timedelta | None = timedelta(seconds=71), frequency: timedelta | None = MINUTE, pk: int = 3
) -> Watched:
    return Watched(pk, "nav1", "nav", "nav1", None if seen is None else NOON - seen, frequency)


def a_concern(
    *about: str, id_: str = "missing_heartbeat-3-x", pk: int = 17, changed: datetime = NOON - WEEK
) -> Concern:
    return Concern(pk, id_, changed, about=about)


def a_token(days: float, pk: int = 5, source: int = 3, *, has_successor: bool = False) -> Token:
    return Token(pk, NOON + timedelta(days=days), source, "nav1 (nav)", has_successor)


@pytest.mark.rule(152)
def test_a_source_that_is_late_by_more_than_ten_seconds_is_told_of_once():
    (report,) = silences(NOON, [a_source()], [], [], None)

    assert (report.type, report.level, report.occurred_at) == ("start", 4, NOON)
    assert report.description == "Missing heartbeat from source nav1 (nav), dead?"
    assert report.tags == ("problem_type=missing_heartbeat", "source_system_id=3")
    assert silences(NOON, [a_source()], [a_concern("3")], [], None) == []
    assert silences(NOON, [a_source(timedelta(seconds=70))], [], [], None) == []


@pytest.mark.rule(152)
def test_whoever_looks_says_the_same():
    one, two = (silences(NOON + late, [a_source()], [], [], None)[0] for late in (timedelta(), timedelta(seconds=5)))

    assert (one.event_id, one.source_incident_id) == (two.event_id, two.source_incident_id)


@pytest.mark.rule(152)
def test_what_somebody_closed_though_the_source_is_silent_begins_again():
    (first,) = silences(NOON, [a_source()], [], [], None)
    closed = a_concern(id_=first.source_incident_id, changed=NOON + MINUTE)

    (again,) = silences(NOON, [a_source()], [], [closed], None)

    assert again.source_incident_id == first.source_incident_id
    assert again.event_id != first.event_id
    assert again.occurred_at == NOON + MINUTE


@pytest.mark.rule(155)
@pytest.mark.parametrize("source", [a_source(frequency=None), a_source(seen=None)])
def test_without_a_frequency_or_never_seen_nobody_is_dead(source: Watched):
    assert not source.is_dead(NOON)
    assert silences(NOON, [source], [], [], None) == []


def test_after_an_outage_of_ours_sources_have_time_to_come_back():
    hourly, daily = a_source(WEEK, timedelta(minutes=5)), a_source(WEEK, timedelta(days=1))

    assert not hourly.is_dead(NOON, NOON - timedelta(minutes=4))
    assert hourly.is_dead(NOON, NOON - timedelta(minutes=6))
    assert not daily.is_dead(NOON, NOON - timedelta(minutes=9))
    assert daily.is_dead(NOON, NOON - timedelta(minutes=11))


@pytest.mark.rule(153, 154)
@pytest.mark.parametrize(
    ("about", "text"),
    [
        (["3"], 'Source "nav1 (nav)" is again alive and well'),
        ([], "The source tag of incident 17 is missing, closing"),
        (["99"], "The source of incident 17 is gone, closing"),
        (["x"], "The source of incident 17 is gone, closing"),
    ],
)
def test_an_incident_ends_when_its_source_is_heard_or_gone(about: list[str], text: str):
    (report,) = returns(NOON, [a_source(timedelta(seconds=5))], [a_concern(*about)])

    assert (report.type, report.source_incident_id, report.description) == ("end", "missing_heartbeat-3-x", text)


@pytest.mark.rule(153, 154)
def test_an_incident_stays_open_while_its_source_is_silent_or_where_it_is_about_two():
    assert returns(NOON, [a_source()], [a_concern("3")]) == []
    assert returns(NOON, [a_source(timedelta())], [a_concern("3", "4")]) == []


def test_an_end_counts_though_another_clock_is_ahead():
    (report,) = returns(NOON, [a_source(timedelta())], [a_concern("3", changed=NOON + MINUTE)])

    assert report.occurred_at == NOON + MINUTE


@pytest.mark.rule(156, changed="16")
def test_a_token_that_expires_soon_is_told_of_once():
    (report,) = expiries(NOON, [a_token(5)], [], [], WEEK)

    assert (report.type, report.level) == ("start", 2)
    assert report.description == "Token for source system nav1 (nav) will expire on 2026-11-25"
    assert report.tags == (
        "location=argus", "problem_type=token_expiry", "source_system_id=3", f"object={report.source_incident_id}",
    )  # fmt: skip
    assert expiries(NOON, [a_token(5)], [a_concern("3", id_=report.source_incident_id)], [], WEEK) == []
    assert expiries(NOON, [a_token(5)], [], [], timedelta(days=3)) == []


@pytest.mark.rule(156, changed="16")
def test_what_somebody_closed_though_the_token_expires_begins_again():
    (first,) = expiries(NOON, [a_token(5)], [], [], WEEK)

    (again,) = expiries(NOON, [a_token(5)], [], [a_concern(id_=first.source_incident_id)], WEEK)

    assert again.source_incident_id == first.source_incident_id
    assert again.event_id != first.event_id


def test_an_incident_without_an_id_of_its_source_is_left_to_people():
    by_hand = [a_concern("3", id_="")]

    assert returns(NOON, [a_source(timedelta())], by_hand) == []
    assert silences(NOON, [a_source()], by_hand, [], None) == []
    assert renewals(NOON, [], by_hand, WEEK) == []


@pytest.mark.rule(157, 158)
def test_the_incident_ends_when_the_token_is_renewed_or_gone_and_others_stay():
    ours = expiries(NOON, [a_token(5)], [], [], WEEK)[0].source_incident_id
    others = expiries(NOON, [a_token(5, pk=6, source=4)], [], [], WEEK)[0].source_incident_id
    open_ = [a_concern("3", id_=ours), a_concern("4", id_=others)]

    assert renewals(NOON, [a_token(5), a_token(5, pk=6, source=4)], open_, WEEK) == []
    for tokens in ([a_token(14)], []):
        (report,) = renewals(NOON, [*tokens, a_token(5, pk=6, source=4)], open_, WEEK)
        assert (report.type, report.source_incident_id, report.description) == ("end", ours, None)


@pytest.mark.rule(157)
def test_an_incident_that_came_from_elsewhere_is_about_all_tokens_of_its_source():
    imported = a_concern("3", id_="4711")

    assert expiries(NOON, [a_token(5)], [imported], [], WEEK) == []
    assert [report.source_incident_id for report in renewals(NOON, [], [imported], WEEK)] == ["4711"]


def test_a_token_that_has_expired_matters_where_there_is_no_other():
    assert len(expiries(NOON, [a_token(-1)], [], [], WEEK)) == 1
    assert expiries(NOON, [a_token(-1, has_successor=True)], [], [], WEEK) == []
    assert len(expiries(NOON, [a_token(1, has_successor=True)], [], [], WEEK)) == 1
