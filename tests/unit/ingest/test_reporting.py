import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from argus_domain.fold import fold
from argus_domain.outcome import State
from argus_ingest import reporting
from argus_ingest.appending import Log
from argus_ingest.ids import Ids
from argus_ingest.inbox.inbox import Inbox
from argus_ingest.inbox.order import Order
from argus_ingest.reporting import MOST_FAULTS, NoReport, Sender
from argus_runtime.errors import InvalidRecord, LogUnavailable, TransientError
from argus_runtime.kafka import Partition, Place, Record
from argus_schemas.configuration import SourceDocument
from argus_schemas.memory import MatcherState
from argus_schemas.records import Change, Happened, Start
from argus_schemas.report import LARGEST_REPORT
from argus_schemas.topics import INCIDENT_EVENTS, INCIDENT_STATES, NOTIFICATIONS
from argus_schemas.words import EventType, Level
from tests.builders import NAV, NAV_USER, NOON, a_happening, a_notification
from tests.fakes import FakeProducer
from tests.unit.ingest.fakes import FakeBlocks

SENDER = Sender(NAV, NAV_USER)
TOPIC = Partition("argus.reports.nav1", 0)


def a_report(**fields: Any) -> bytes:
    report = {"type": "start", "source_incident_id": "nav-17", "occurred_at": NOON.isoformat()}
    return json.dumps(report | fields).encode()


async def record_of(**fields: Any) -> Any:
    return await record_of_body(a_report(**fields))


async def record_of_body(body: bytes) -> Any:
    ids = Ids(FakeBlocks())
    report = reporting.read(body)
    record = await reporting.record_of(report, SENDER, ids, event_id=uuid4(), received_at=NOON)
    await ids.close()
    return INCIDENT_EVENTS.decode(record.to_bytes())


async def test_a_start_says_what_its_report_says_and_is_silent_on_the_rest():
    record = await record_of(level=2, tags=["a=1", "b=x=y"])

    assert isinstance(record, Start)
    assert record.key == "2:nav-17"
    assert record.said == ("level", "tags")
    assert (record.draft.level, record.draft.start_time, record.draft.stateful) == (Level.HIGH, NOON, True)
    assert [str(tag) for tag in record.draft.tags] == ["a=1", "b=x=y"]
    assert len({record.incident_pk, record.event_pk, *record.change_pks}) == 8


async def test_a_stateless_report_needs_no_id_of_its_own():
    record = await record_of(type="stateless", source_incident_id="")

    assert record.draft.stateful is False
    assert record.key == f"2#{record.event_id}"


@pytest.mark.parametrize(("type_", "event"), [("end", EventType.END), ("other", EventType.OTHER)])
async def test_ends_and_others_are_reported_events(type_, event):
    record = await record_of(type=type_, description="Box up")

    assert isinstance(record, Happened)
    assert (record.type, record.description, record.reported) == (event, "Box up", True)


async def test_a_change_wishes_what_it_names():
    record = await record_of(type="change", level=1, tags=[])

    assert isinstance(record, Change)
    assert (record.level, record.tags, record.description, record.reported) == (Level.CRITICAL, (), None, True)


@pytest.mark.parametrize(
    "body",
    [
        None, b"", b"no json", b"\xff", b"[]", b'"\\ud800"', b"[" * 1000, a_report(level=9), a_report(type="?"),
        a_report(description="a\x00b"), a_report(type="end", source_incident_id=""), a_report(tags=["A=1"]),
        a_report(occurred_at="2026-11-25T00:00:00"), a_report(metadata={"n": 2**64}),
        a_report(description="x" * LARGEST_REPORT), a_report(occurred_at="20261125"), a_report(level=True),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused_with_a_reason(body):
    with pytest.raises(InvalidRecord, match=r"\w+"):
        reporting.read(body)


class FakeSources:
    def __init__(self, *slugs: str) -> None:
        self.slugs = slugs

    def of_slug(self, slug: str) -> SourceDocument | None:
        return SourceDocument(source=NAV, version=1, slug=slug) if slug in self.slugs else None


def an_inbox(producer: FakeProducer) -> Inbox:
    sources: Any = FakeSources("nav1")
    log: Any = Log(producer, None)  # type: ignore[arg-type]
    return Inbox(sources, Ids(FakeBlocks()), log, "argus.", lambda _pk, _at: None)


def a_record(value: bytes, offset: int = 3) -> Record:
    return Record(TOPIC, offset, b"key", value, (), 1_764_072_000_000)


def sent(producer: FakeProducer) -> list[Any]:
    return [INCIDENT_EVENTS.decode(record.value or b"") for record in producer.records]


def test_a_report_with_many_faults_is_answered_with_a_few():
    for count in (500, 80_000):
        with pytest.raises(NoReport) as raised:
            reporting.read(a_report(tags=[""] * count))
        assert 0 < len(raised.value.faults) <= MOST_FAULTS


def test_a_fault_stays_in_one_piece():
    with pytest.raises(NoReport) as raised:
        reporting.read(a_report(occurred_at=5))

    assert raised.value.faults == ("occurred_at: Value error, A number is no timestamp; use ISO 8601 with an offset.",)


async def test_whatever_reports_make_of_an_incident_its_topics_take():
    """Else its end would be refused for ever, or the matcher could never commit what it has decided."""
    numbers = b",".join([b"1e15"] * (LARGEST_REPORT // 5 - 100))
    state = State()
    for record in (
        await record_of_body(a_report(metadata=[0]).replace(b"[0]", b"[" + numbers + b"]")),
        await record_of(type="change", description="x" * 100_000, details_url="x" * 8000),
        await record_of(type="change", tags=[f"k{number}={'v' * 490}" for number in range(500)]),
    ):
        state, _ = fold(state, record)
    end = a_happening(EventType.END, incident=state.incident, description="x" * 100_000)
    state, outcome = fold(state, end)
    assert state.incident is not None

    assert len(end.to_bytes()) < INCIDENT_EVENTS.largest
    assert len(MatcherState(incident=state.incident).to_bytes()) < INCIDENT_STATES.largest
    notification = a_notification(incident=state.incident, event=outcome.events[0])
    assert len(notification.to_bytes()) < NOTIFICATIONS.largest


async def test_a_report_that_is_read_again_has_the_id_that_it_had():
    producer = FakeProducer()
    for _ in range(2):
        await (await an_inbox(producer).handle(a_record(a_report())))

    first, again = sent(producer)
    assert first.event_id == again.event_id


async def test_a_report_has_the_id_that_its_source_gave_it_wherever_it_stands():
    producer, event_id = FakeProducer(), str(UUID(int=5))
    for offset in (3, 4):
        await (await an_inbox(producer).handle(a_record(a_report(event_id=event_id), offset)))

    assert len({record.event_id for record in sent(producer)}) == 1


async def test_only_what_the_fold_may_refuse_carries_its_text():
    producer = FakeProducer()
    inbox = an_inbox(producer)
    for offset, type_ in enumerate(["start", "stateless", "end", "change", "other"]):
        await (await inbox.handle(a_record(a_report(type=type_), offset)))

    carried = [record.origin.report is not None for record in sent(producer)]
    assert carried == [False, False, True, True, True]
    assert sent(producer)[2].origin.report.encode() == a_report(type="end")
    assert sent(producer)[2].origin.key == "key"


async def test_a_report_whose_source_is_gone_is_tried_again():
    inbox = an_inbox(FakeProducer())
    inbox.sources = FakeSources()  # type: ignore[assignment]

    with pytest.raises(TransientError):
        await inbox.handle(a_record(a_report()))


async def test_the_end_never_goes_ahead_of_a_start_that_kafka_did_not_confirm():
    producer = FakeProducer()
    inbox = an_inbox(producer)
    producer.holding = True
    start = await inbox.handle(a_record(a_report(), 3))
    start.set_exception(LogUnavailable("lost"))

    with pytest.raises(LogUnavailable):
        await (await inbox.handle(a_record(a_report(type="end"), 4)))

    producer.holding = False
    for offset, type_ in ((3, "start"), (4, "end")):
        await (await inbox.handle(a_record(a_report(type=type_), offset)))
    assert [type(record).__name__ for record in sent(producer)][-2:] == ["Start", "Happened"]


async def test_the_end_waits_for_no_confirmation_of_its_start():
    producer = FakeProducer()
    inbox = an_inbox(producer)
    producer.holding = True
    confirmations = [
        await inbox.handle(a_record(a_report(type=type_), offset)) for offset, type_ in ((3, "start"), (4, "end"))
    ]

    producer.release()
    await asyncio.gather(*confirmations)

    assert [type(record).__name__ for record in sent(producer)] == ["Start", "Happened"]


async def test_a_partition_that_begins_anew_comes_after_nothing():
    order = Order()
    failed: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
    failed.set_exception(LogUnavailable("lost"))
    order.sent("key", Place(TOPIC, 3), failed)

    assert order.before("key", Place(TOPIC, 9)) is failed
    order.forget({TOPIC})

    assert order.before("key", Place(TOPIC, 9)) is None
