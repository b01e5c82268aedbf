from argus_ingest.created import Created
from argus_ingest.readmodel.known import Known
from tests.builders import a_create, an_incident


def test_incidents_are_as_they_were_answered():
    known, created = Known(), Created(a_create())
    known.remember(1, an_incident(metadata={"a": [1]}))
    known.remember(49, created)

    assert known.get(1) == an_incident(metadata={"a": [1]})
    assert known.get(49) == created.incident()
    assert known.get(2) is None


def test_only_the_last_are_known():
    known = Known(most=2)
    for pk in (1, 2, 1, 3):
        known.remember(pk, an_incident(pk=pk))

    assert [pk for pk in (1, 2, 3) if known.get(pk)] == [1, 3]


def test_large_ones_displace_more_than_one():
    known = Known(most_bytes=10_000)
    for pk in (1, 2, 3):
        known.remember(pk, an_incident(pk=pk))
    known.remember(4, an_incident(pk=4, description="x" * 9000))

    assert known.get(1) is None
    assert known.get(4) == an_incident(pk=4, description="x" * 9000)

    known.remember(5, an_incident(pk=5, description="x" * 11_000))
    assert [pk for pk in range(6) if known.get(pk)] == []
