"""What is answered has the shape that the OpenAPI document says, and no key besides."""

from typing import Any

import msgspec
import pytest

from argus_http import shapes
from tests.integration.ingest.site import Ingest

pytestmark = pytest.mark.asyncio(loop_scope="module")

AT = "2025-11-25T01:00:00Z"
V2 = {"start_time": AT, "tags": [{"tag": "a=1"}]}

REQUESTS = [
    ("POST", "v2/incidents/", V2, shapes.IncidentShape),
    ("POST", "v2/incidents/", V2 | {"end_time": None, "metadata": [1]}, shapes.IncidentShape),
    ("POST", "v3/incidents/", {"start_time": AT, "tags": ["a=1"]}, shapes.IncidentShapeV3),
    ("PATCH", "v2/incidents/{pk}/", {"level": 1}, shapes.IncidentShape),
    ("PATCH", "v3/incidents/{pk}/", {"level": 2}, shapes.IncidentShapeV3),
    ("POST", "v2/incidents/{pk}/events/", {"type": "OTH", "timestamp": AT}, shapes.EventShape),
    ("POST", "v2/incidents/{pk}/acks/", {"timestamp": AT}, shapes.AcknowledgementShape),
    ("PATCH", "v2/incidents/{pk}/acks/{ack}/", {}, shapes.AcknowledgementShape),
    ("PUT", "v2/incidents/{pk}/ticket_url/", {"ticket_url": "x"}, shapes.TicketUrlShape),
    ("PUT", "v2/incidents/{pk}/automatic-ticket/", None, shapes.TicketUrlShape),
    ("POST", "v2/incidents/{pk}/tags/", {"tag": "b=2"}, shapes.TagNameShape),
    ("POST", "v3/incidents/{pk}/tags/", ["c=3"], list[str]),
    ("POST", "v2/incidents/acks/bulk/", {"ids": ["{pk}"], "ack": {"timestamp": AT}}, shapes.ManyShape),
]


@pytest.mark.parametrize("prefer", ["wait=5", "respond-async"])
async def test_answers_are_what_the_document_says(ingest: Ingest, prefer: str):
    pk = (await ingest.create(ticket_url="https://t.example.org/1")).json()["pk"]
    ack = (await ingest.post(f"/api/v2/incidents/{pk}/acks/", {"timestamp": AT})).json()["pk"]

    for method, path, body, shape in REQUESTS:
        sent: Any = body | {"ids": [pk]} if isinstance(body, dict) and "ids" in body else body
        answer = await ingest.send(method, f"/api/{path.format(pk=pk, ack=ack)}", sent, prefer=prefer)
        assert answer.status_code == (202 if prefer == "respond-async" else 201 if method == "POST" else 200)
        msgspec.json.decode(answer.content, type=shape)


async def test_each_report_has_an_answer_of_its_own(ingest: Ingest):
    reports = [{"type": "start", "source_incident_id": "shape", "occurred_at": AT}, {}]

    answer = await ingest.post("/api/ingest/v1/reports", reports)

    assert msgspec.json.decode(answer.content, type=shapes.ReportsShape).refused == 1
