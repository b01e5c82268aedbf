"""A batch in memory: what is to be written, before any database is asked."""

from uuid import uuid4

import pytest

from argus_domain import reasons
from argus_domain.outcome import What
from argus_schemas.records import Origin
from argus_schemas.words import EventType
from argus_store.folding import MOST_SEARCH_TEXT, Folding, Stored, found_by
from argus_store.rows import changes_of
from tests.builders import a_change, a_create, a_deletion, a_happening, a_start, an_ack, an_incident, tags


def folded(*records, stored=None, known=None):
    folding = Folding(stored or {}, dict(known or {}))
    for record in records:
        folding.take(record)
    return folding


def test_start_and_end_in_one_batch_open_one_ended_incident():
    changes = changes_of(folded(a_start(), a_happening(EventType.END)))

    assert [row["ended_at"] is not None for row in changes.opened] == [True]
    assert [row["type"] for row in changes.events] == ["STA", "END"]
    assert not changes.changed


def test_a_record_did_what_it_says_if_its_own_event_is_there():
    end = a_happening(EventType.END)
    folding = folded(a_create(), a_create(), end, end, a_change(level=2), a_change(), a_happening(EventType.CLOSE))

    assert [str(what) for what in folding.outcomes] == [
        "applied", "refused", "applied", "repeated", "merged", "merged", "refused",
    ]  # fmt: skip
    assert folding.did == [True, False, True, False, False, False, False]


def test_what_changes_nothing_writes_no_incident():
    incident = an_incident()
    changes = changes_of(folded(a_happening(EventType.OTHER), stored={incident.key: Stored(incident, " Box down")}))

    assert (changes.opened, changes.changed, len(changes.events)) == ([], [], 1)


def test_an_event_id_that_rows_know_is_a_repeat():
    record = a_happening(EventType.END)
    incident = an_incident()
    changes = changes_of(folded(record, stored={incident.key: Stored(incident)}, known={record.event_id: 49}))

    assert (changes.events, changes.changed, changes.outcomes) == ([], [], [])


def test_an_event_id_seen_earlier_in_the_batch_is_a_repeat_under_any_key():
    record = a_start()
    other = a_start(event_id=record.event_id, key="2:other", incident_pk=51, event_pk=52)
    folding = folded(record, record, other)

    assert folding.outcomes == [What.APPLIED, What.REPEATED, What.REPEATED]


def test_a_refused_create_keeps_its_outcome_and_its_pk_means_the_winner():
    changes = changes_of(folded(a_create(), a_create(incident_pk=59, event_pk=60, digest="d")))

    assert changes.aliases == [{"pk": 59, "incident_id": 49}]
    assert [(row["what"], row["reason"], row["digest"], row["incident_id"]) for row in changes.outcomes] == [
        ("refused", reasons.DUPLICATE, "d", 49)
    ]


def test_a_repeated_create_under_a_new_pk_means_the_first():
    first = a_create()
    changes = changes_of(folded(first, first.but(incident_pk=59)))

    assert changes.aliases == [{"pk": 59, "incident_id": 49}]


def test_only_refused_reports_become_dead_letters():
    origin = Origin(topic="argus.reports.nav", partition=0, offset=3, report="{}")
    folding = folded(a_happening(EventType.END, origin=origin), a_happening(EventType.END))

    assert [kept.record.origin for kept in folding.refused] == [origin]
    assert len(folding.kept) == 2


def test_a_deleted_incident_leaves_only_the_ids_of_its_events():
    start, end, deletion = a_start(), a_happening(EventType.END), a_deletion()
    changes = changes_of(folded(start, end, deletion))

    assert (changes.opened, changes.events, changes.deleted) == ([], [], [49])
    assert {row["event_id"]: row["what"] for row in changes.outcomes} == {
        start.event_id: "deleted", end.event_id: "deleted", deletion.event_id: "applied",
    }  # fmt: skip


def test_a_key_is_free_again_after_a_deletion():
    changes = changes_of(folded(a_start(), a_deletion(), a_start(incident_pk=80, event_pk=81)))

    assert [row["id"] for row in changes.opened] == [80]
    assert [row["id"] for row in changes.events] == [81]


def test_tags_are_replaced_only_where_they_change():
    incident = an_incident()
    stored = {incident.key: Stored(incident)}

    assert changes_of(folded(an_ack(), stored=stored)).retagged == []
    assert changes_of(folded(a_change(add_tags=tags("a=b")), stored=stored)).retagged == [49]


def test_a_digest_stands_with_the_records_own_event_alone():
    incident = an_incident()
    record = a_change(level=1, description="Worse", digest="d")
    changes = changes_of(folded(record, stored={incident.key: Stored(incident)}))

    assert {row["event_id"] == record.event_id: row["digest"] for row in changes.events} == {True: "d", False: None}


@pytest.mark.rule(112)
@pytest.mark.parametrize(
    ("before", "description", "after"),
    [
        ("", "Box down", " Box down"),
        (" Box down", "Box", " Box down"),
        (" Box down", "Box up", " Box down Box up"),
        (" Box down", "", " Box down"),
        ("x" * MOST_SEARCH_TEXT, "Box up", "x" * MOST_SEARCH_TEXT),
    ],
)
def test_search_text_grows_by_what_it_does_not_have(before, description, after):
    assert found_by(before, description) == after


def test_a_batch_remembers_only_its_own_ids():
    assert folded(known={uuid4(): None}).outcomes == []
