"""What an event causes, until its lane makes it visible."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from argus_runtime.kafka import Headers
from argus_schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class Output:
    """A record to publish: a notification, what was withheld, or a dead letter."""

    topic: Topic[Any]
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """What an event or a timer causes, and the states that it leaves behind (None: forget it).

    An event has its offset; a timer has none and moves no position. A record that cannot be read is decided too: a dead
    letter as output, no states. Do not await between reading a state and `Lane.add`.
    """

    offset: int | None
    outputs: Sequence[Output] = ()
    states: Mapping[bytes, bytes | None] = field(default_factory=dict)
    done: bool = True
    """Whether nothing more comes of the record, so that the position may move."""

    @property
    def size(self) -> int:
        """Bytes that it adds to a transaction, more or less."""
        states = sum(map(len, filter(None, self.states.values())))
        return sum([len(output.value or b"") for output in self.outputs], states)


def latest_states(batch: Iterable[Decided]) -> dict[bytes, bytes | None]:
    """Return the last state that the batch leaves of each incident."""
    return {key: state for decided in batch for key, state in decided.states.items()}


def position_after(batch: Iterable[Decided]) -> int | None:
    """Return the offset of the next event after those that the batch is done with; None where there are none."""
    offsets = [decided.offset for decided in batch if decided.offset is not None and decided.done]
    return offsets[-1] + 1 if offsets else None
