"""In which order fetched records are handled; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from argus_runtime.kafka.records import Partition, Record
from argus_store.holds import Hold

Batches = Mapping[Partition, Sequence[Record]]
Held = Mapping[Partition, Hold]


@dataclass(frozen=True, slots=True)
class Turn:
    """Records that are handled in one transaction; a suspected one is alone."""

    records: Sequence[Record]
    alone: bool = False

    def of(self, held: Held) -> list[Record]:
        """Return the records that are still to handle by who holds these partitions."""
        return [
            record
            for record in self.records
            if (hold := held.get(record.partition)) is not None and record.offset >= hold.position
        ]


def turns(batches: Batches, held: Held) -> list[Turn]:
    """Return the turns, each partition's records in their order: all that nobody suspects is one turn, the first.

    So it has moved, and is in nobody's hand, when one of the suspects ends the process.
    """
    together: list[Record] = []
    suspects: list[Record] = []
    behind: list[Record] = []
    for partition, records in batches.items():
        hold = held.get(partition)
        if hold is None:
            continue
        alone = _suspects(records, hold) if hold.opening.suspects else []
        suspects += alone
        (behind if alone else together).extend(records[len(alone) :])
    ordered = [Turn(together), *(Turn([record], alone=True) for record in suspects), Turn(behind)]
    return [turn for turn in ordered if turn.records]


def _suspects(records: Sequence[Record], hold: Hold) -> list[Record]:
    return [record for record in records[: hold.suspected] if hold.suspects(record.offset)]
