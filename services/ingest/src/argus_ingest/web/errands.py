"""A write request on its way from its wish to its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response

from argus_domain.fold import fold
from argus_domain.outcome import State
from argus_http.principals import Principal
from argus_ingest.readmodel.postgres import Unreachable
from argus_ingest.readmodel.repository import Fate
from argus_ingest.web.desk import Desk
from argus_ingest.web.identity import EVENT_HEADER, Identity, identity_of, wants_no_wait
from argus_schemas.incident import Incident
from argus_schemas.records import Change, Record

Asked = Request[Principal, Any, Any]
R = TypeVar("R", bound=Record)

V3 = "/api/v3/"


@dataclass(frozen=True, slots=True)
class Errand:
    """What all write requests have: a desk, a principal, an identity, and whether they wait for the store."""

    desk: Desk
    principal: Principal
    identity: Identity
    wait: bool
    v3: bool = False

    @classmethod
    async def of(cls, request: Asked) -> "Errand":
        """Return the errand of a request.

        The desk comes from the state and the headers are asked for once: an injected dependency, and each look at
        `request.headers`, costs some microseconds.
        """
        headers = request.headers
        identity = await identity_of(request, headers, request.user)
        v3 = request.scope["path"].startswith(V3)
        return cls(request.app.state.desk, request.user, identity, not wants_no_wait(headers), v3)

    def about(self, incident: Incident, occurred_at: datetime | None = None) -> dict[str, Any]:
        """Return the fields that all records about an incident have; what does not say when happens now."""
        now = datetime.now(UTC)
        return {
            "event_id": self.identity.event_id, "digest": self.identity.digest, "actor": self.principal.actor,
            "key": incident.key, "incident": incident, "occurred_at": occurred_at or now, "received_at": now,
        }  # fmt: skip

    def claim(self, incident: Incident | None) -> Callable[[list[int]], Change] | None:
        """Return what makes the record by which the caller's own key is known to be used, if there is one.

        It has the request's own id, is on the log of one of its incidents, and changes nothing there.
        """
        if incident is None or self.identity.digest is None:
            return None
        common = self.about(incident) | {"incident": None}
        return lambda pks: Change(**common, change_pks=tuple(pks))

    async def accept(self, make: Callable[[list[int]], R], pks: int) -> tuple[R, Fate | None]:
        """Append the record that `make` makes of `pks` new ids; return it and its fate, None where it is not known yet.

        Raises:
            LogUnavailable: Kafka has not confirmed the record, which may still appear.
            ApiError: the record was refused, or its id belongs to another request.
        """
        return await self.desk.acceptance.accept(make, pks, wait=self.wait)

    async def after(self, record: Record, fate: Fate | None, incident: Incident) -> Incident:
        """Return the incident as the store has it after `record` or, where it is late, as it was said."""
        if fate is not None:
            try:
                if stored := await self.desk.lookups.stored(incident.pk):
                    return stored
            except Unreachable:
                pass
        said = fold(State(incident), record)[0].incident or incident
        self.desk.lookups.known.remember(incident.pk, said)
        return said

    def refuse(self, body: Any) -> Response[bytes]:
        """Return `body` with 400: nothing was done."""
        return Response(msgspec.json.encode(body), status_code=400, media_type="application/json")

    def answer(self, body: Any, status: int = 201) -> Response[bytes]:
        """Return `body` with `status`, or 202 to who does not wait."""
        status = status if self.wait else 202
        encoded = msgspec.json.encode(body)
        return Response(encoded, status_code=status, headers=self._headers(), media_type="application/json")

    def gone(self) -> Response[None]:
        """Return 204 for what is deleted, or 202 to who does not wait."""
        return Response(None, status_code=204 if self.wait else 202, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        headers = {EVENT_HEADER: str(self.identity.event_id)}
        return headers if self.wait else headers | {"Preference-Applied": "respond-async"}
