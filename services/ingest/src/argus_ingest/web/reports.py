"""`POST /api/ingest/v1/reports`: reports by the thousand, each answered by itself."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar import Request, Response, post

from argus_http.described import described
from argus_http.errors import ApiError, forbidden, unparsable
from argus_http.principals import Principal
from argus_http.shapes import ReportsShape
from argus_ingest import reporting
from argus_ingest.appending import Log, Pending
from argus_ingest.ids import Ids
from argus_ingest.metrics import REPORTS as COUNTED
from argus_ingest.readmodel.many import Many
from argus_ingest.reporting import REFUSABLE, NoReport, Sender
from argus_ingest.web.accepting import unless_away
from argus_ingest.web.bodies import NewReport
from argus_ingest.web.identity import Identity, Key, key_and_digest, other_request
from argus_ingest.web.rates import Rates
from argus_schemas.identity import principal_event_id
from argus_schemas.records import Origin, Record
from argus_schemas.report import Report

LARGEST_REQUEST = 16 * 1024 * 1024
MOST_REPORTS = 10_000
PATH = "/api/ingest/v1/reports"
AT_ONCE = 200
"""Records appended between two looks at what else there is to do."""

BYTES_AT_ONCE = 64 * 1024
"""Bytes of reports read between two such looks: a large one takes as long as hundreds of others."""

Answer = dict[str, Any]
_LINE = re.compile(rb"\S[^\r\n]*")
_BODIES = msgspec.defstruct(
    "Bodies", [(f"body{number}", msgspec.Raw, msgspec.Raw()) for number in range(MOST_REPORTS)],
    array_like=True, forbid_unknown_fields=True,
)  # fmt: skip
_RAW_LIST = msgspec.json.Decoder(_BODIES)
"""Refuses a longer list at its first element too many; a list of any length takes a hundred times its bytes first."""

Chains = dict[str, list[bytes]]
"""The records of each incident, as JSON: the objects of a large report take twenty times as much memory."""


@dataclass(frozen=True, slots=True)
class Reports:
    """Appends reports, those of one incident in their order."""

    ids: Ids
    log: Log
    many: Many

    async def accept(self, bodies: Sequence[bytes], principal: Principal, key: Key | None) -> list[Answer]:
        """Return an answer for each report, in their order.

        Raises:
            LogUnavailable: Kafka did not confirm all; each may still appear.
            ApiError: the key belongs to another request; then nothing was appended.
        """
        if principal.source is None:
            raise forbidden()
        sender = Sender(principal.source, principal.actor)
        answers: list[Answer] = []
        by_key: Chains = defaultdict(list)
        digests: dict[UUID, str] = {}
        unbroken = 0
        for index, body in enumerate(bodies):
            if (unbroken := unbroken + len(body)) > BYTES_AT_ONCE:
                unbroken = await asyncio.sleep(0, 0)
            try:
                report = reporting.read(body)
            except NoReport as error:
                answers.append({"status": "refused", "errors": error.faults})
                continue
            identity = _identity(report, principal.pk, key, len(digests))
            record = await self._record(report, body, sender, identity, index)
            by_key[record.key].append(record.to_bytes())
            if identity.digest is not None:
                digests[identity.event_id] = identity.digest
            answers.append({"status": "accepted", "event_id": str(identity.event_id)})
        await self._refuse_others(digests)
        await self._append(by_key)
        return answers

    async def _refuse_others(self, digests: Mapping[UUID, str]) -> None:
        """Refuse another request under a key that is known to be used; its reports would count as repeats."""
        known = await unless_away(self.many.fates(list(digests))) or {}
        if any(fate.digest not in {None, digests[event_id]} for event_id, fate in known.items()):
            raise other_request()

    async def _record(self, report: Report, body: bytes, sender: Sender, identity: Identity, index: int) -> Record:
        kept = body.decode() if report.type in REFUSABLE else None
        origin = Origin(topic=PATH, partition=0, offset=index, report=kept)
        now, event_id = datetime.now(UTC), identity.event_id
        made = await reporting.record_of(report, sender, self.ids, event_id=event_id, received_at=now, origin=origin)
        return made if identity.digest is None else made.but(digest=identity.digest)

    async def _append(self, by_key: Chains) -> None:
        """Append all; of one incident's none without the one before it, so that none overtakes its elder."""
        under_way: list[Pending] = []
        for key, chain in by_key.items():
            sent: Pending | None = None
            for record in chain:
                sent = await self.log.send_encoded(key, record, after=sent)
                under_way.append(sent)
                if len(under_way) % AT_ONCE == 0:
                    await asyncio.sleep(0)
        await asyncio.gather(*under_way)


DESCRIBED = described(ReportsShape, body=list[NewReport], errors=(400, 401, 403, 413, 422, 429, 503), early=False)
DESCRIBED["responses"][207] = DESCRIBED["responses"][200]


@post(
    PATH,
    status_code=200,
    request_max_body_size=LARGEST_REQUEST,
    opt={"unmetered": True},
    **DESCRIBED,
)
async def post_reports(request: Request[Principal, Any, Any]) -> Response[bytes]:
    """Take reports of a source: a JSON array, or one JSON object a line (`application/x-ndjson`).

    200: all were accepted; 207: some were refused; 400: all were refused, or the body is no list of reports. Each has
    an answer of its own under `reports`, in the order of the request. Accepted means that Kafka has it; what the
    report changed shows in the incident. On 503 nothing is known of any: send the request again, with `event_id` in
    each report or the same `Idempotency-Key`, and none counts twice.
    """
    reports: Reports = request.app.state.reports
    rates: Rates = request.app.state.rates
    if request.user.source is None:
        raise forbidden()
    rates.check(request.user)  # before the body is read
    bodies = split(await request.body(), lines=request.content_type[0] in LINES)
    rates.take(request.user, len(bodies))
    answers = await reports.accept(bodies, request.user, await key_and_digest(request, request.headers))
    refused = sum(answer["status"] == "refused" for answer in answers)
    accepted = len(answers) - refused
    COUNTED.labels("http", "accepted").inc(accepted)
    COUNTED.labels("http", "refused").inc(refused)
    status = 200 if not refused else 207 if accepted else 400
    body = msgspec.json.encode({"accepted": accepted, "refused": refused, "reports": answers})
    return Response(body, status_code=status, media_type="application/json")


LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"})


def split(body: bytes, *, lines: bool) -> list[bytes]:
    """Return the bytes of each report of a body.

    Raises:
        ApiError: 400, it is no list; 413, there are too many.
    """
    if lines:
        found = [line[0].rstrip() for line in islice(_LINE.finditer(body), MOST_REPORTS + 1)]
        if len(found) > MOST_REPORTS:
            raise _too_many()
        return found
    try:
        return [bytes(raw) for raw in msgspec.structs.astuple(_RAW_LIST.decode(body)) if raw]
    except msgspec.ValidationError as error:  # of a list, which may hold anything, nothing but its length is wrong
        raise (_too_many() if body.lstrip().startswith(b"[") else unparsable(str(error))) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise unparsable(str(error)) from None


def _too_many() -> ApiError:
    return ApiError(413, {"detail": f"A request may have {MOST_REPORTS} reports at most."})


def _identity(report: Report, principal: int, key: Key | None, number: int) -> Identity:
    if report.event_id is not None:
        return Identity(principal_event_id(principal, str(report.event_id)))
    if key is None:
        return Identity(uuid4())
    # Numbered over those that are accepted, so that two requests under one key always meet at the first.
    return Identity(principal_event_id(principal, f"{key.text}#{number}"), key.digest)
