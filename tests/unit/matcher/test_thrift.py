"""Documents that a matcher keeps share what is equal, and say what they said."""

from datetime import UTC, date, datetime

import pytest

from argus_matcher.thrift import thrifty
from argus_schemas.configuration import Filter, Maintenance, NamedFilter, Profile
from argus_schemas.schedules import DateList, Timeslot
from argus_schemas.topics import RULES
from tests.builders import ALL_THE_TIME, a_profile

HOLIDAYS = DateList(pk=3, name="Holidays", dates=(date(2026, 12, 24), date(2026, 12, 25)))
BUT_HOLIDAYS = Timeslot(
    pk=5, name="But holidays", zone="Europe/Oslo", recurrences=ALL_THE_TIME.recurrences, exceptions=(HOLIDAYS,)
)
SOME = NamedFilter(pk=4, name="Some", filter=Filter(tags=("host=a.example.org",), source_types=("nav", "zabbix")))
PROFILE = a_profile(filters=(SOME,), timeslots=(ALL_THE_TIME, BUT_HOLIDAYS))


def kept(profile: Profile) -> Profile:
    """Return a profile as it is kept that has come over its topic."""
    document = thrifty(RULES.decode(profile.to_bytes()))
    assert isinstance(document, Profile)
    return document


@pytest.mark.parametrize(
    "document",
    [
        a_profile(),
        PROFILE,
        Maintenance(pk=21, version=1, starts_at=datetime(2026, 11, 25, tzinfo=UTC), filters=(SOME,)),
    ],
)
def test_a_document_says_what_it_said(document: Profile | Maintenance):
    assert thrifty(RULES.decode(document.to_bytes())) == document


def test_two_documents_share_their_timeslots_dates_and_words():
    one, other = kept(PROFILE), kept(PROFILE.but(pk=12, owner=8))

    for mine, yours in zip(one.timeslots, other.timeslots, strict=True):
        assert mine is yours
    assert one.timeslots[1].exceptions[0] is other.timeslots[1].exceptions[0]
    asked, other_asked = one.filters[0].filter, other.filters[0].filter
    assert asked.tags[0] is other_asked.tags[0]
    assert asked.source_types is other_asked.source_types


def test_timeslots_of_different_users_share_their_times():
    one = kept(PROFILE)
    other = kept(PROFILE.but(timeslots=(ALL_THE_TIME.but(pk=77, name="Mine"),)))

    assert one.timeslots[0].recurrences is other.timeslots[0].recurrences
