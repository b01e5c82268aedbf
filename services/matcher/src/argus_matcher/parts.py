"""What a record causes, in parts of which a transaction can carry each.

A large incident with very many destinations makes a gigabyte of notifications, which no broker takes in the time that a
transaction has. So they are told in several. Until the last, the state stays as it was before the record, but says how
far its telling has come; the position moves with the last. Who takes over in between decides the record again and
leaves out what was told. Destinations are told in their order, so that this holds where rules have changed meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from argus_matcher.decisions import Decision
from argus_matcher.effects import Decided, Output
from argus_matcher.patience import MOST_BYTES
from argus_runtime import tracing
from argus_runtime.kafka import Headers, Record
from argus_schemas.memory import MatcherState, Telling
from argus_schemas.notification import Delivery, Notification
from argus_schemas.records import Record as IncidentRecord
from argus_schemas.topics import DELIVERIES, NOTIFICATIONS

Word = Notification | Delivery
Place = tuple[int, int]
"""The number of an event in its record, and a destination."""
NOWHERE: Place = (-1, 0)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of an incident when a record of it comes."""

    kept: MatcherState | None
    """As it is kept."""
    before: MatcherState | None
    """The state before the record."""
    told: Place = NOWHERE
    """How far the record has been told already."""


def recalled(kept: MatcherState | None, record: IncidentRecord) -> Memory:
    """Return what a kept state says of `record`; a telling of another record, which was skipped, is void."""
    if kept is None or (telling := kept.telling) is None:
        return Memory(kept, kept)
    before = None if telling.first else kept.but(telling=None)
    told = (telling.number, telling.destination) if telling.event_id == record.event_id else NOWHERE
    return Memory(kept, before, told)


def parts(
    record: Record, known: IncidentRecord, memory: Memory, decision: Decision, most_bytes: int = MOST_BYTES
) -> Iterator[Decided]:
    """Yield what `record`, whose content is `known`, causes; with the last part it is done."""
    headers = (tracing.header(tracing.of(record.headers)),)
    key = known.key.encode()
    told, size, outputs = memory.told, 0, list[Output]()
    for place, word in _in_order(decision, memory.told):
        output = output_of(word, headers)
        more = len(output.value or b"")
        if outputs and size + more > most_bytes and place != told:
            yield Decided(record.offset, outputs, {key: _between(known, memory, decision, told)}, done=False)
            size, outputs = 0, []
        # Bytes already: what cannot be encoded, or takes too much to encode, shows while the record is in hand.
        outputs.append(output)
        told, size = place, size + more
    if decision.state == memory.kept:
        yield Decided(record.offset, outputs)
    else:
        yield Decided(record.offset, outputs, {key: decision.state.to_bytes() if decision.state else None})


def output_of(word: Word, headers: Headers = ()) -> Output:
    """Return a notification, or a delivery that tells why there is none, as a record to publish."""
    topic = NOTIFICATIONS if isinstance(word, Notification) else DELIVERIES
    return Output(topic, b"%d" % word.destination, word.to_bytes(), headers)


def _in_order(decision: Decision, told: Place) -> list[tuple[Place, Word]]:
    """Return what is still to be told, by event and destination."""
    number = {event.pk: number for number, event in enumerate(decision.outcome.events)}
    words: list[tuple[int, Word]] = [(word.event.pk, word) for word in decision.notifications]
    words += [(withheld.delivery.event, withheld.delivery) for withheld in decision.withheld]
    placed = [((number.get(event, 0), word.destination), word) for event, word in words]
    return sorted((each for each in placed if each[0] > told), key=lambda each: each[0])


def _between(known: IncidentRecord, memory: Memory, decision: Decision, told: Place) -> bytes | None:
    """Return the state before the record, with how far it has been told."""
    if (state := memory.before or decision.state) is None:
        return None
    number, destination = told
    first = memory.before is None
    telling = Telling(event_id=known.event_id, number=number, destination=destination, first=first)
    return state.but(telling=telling).to_bytes()
