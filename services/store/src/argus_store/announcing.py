"""What a batch has to say to those who wait for its records."""

from collections.abc import Mapping, Sequence

from argus_database.announcements import Announcement
from argus_runtime.kafka.records import Partition
from argus_schemas.records import Record as IncidentRecord
from argus_store.entries import Entry
from argus_store.folding import Folding


def announced(
    entries: Sequence[Entry], folding: Folding, since: Mapping[Partition, int]
) -> dict[Partition, Announcement]:
    """Return what to say of each partition, which stood at `since`: of incidents' records, which did what they say."""
    reached = {entry.record.partition: entry.record.offset + 1 for entry in entries}
    did = iter(folding.did)
    others: dict[Partition, set[int]] = {partition: set() for partition in reached}
    for entry in entries:
        if not (isinstance(entry.value, IncidentRecord) and next(did)):
            others[entry.record.partition].add(entry.record.offset)
    return {
        partition: Announcement(*partition, end, since[partition], frozenset(others[partition]))
        for partition, end in reached.items()
    }
