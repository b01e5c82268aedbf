"""Who sends what a second time: `Idempotency-Key`, the digest of a request, and `Prefer`."""

import hashlib
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from litestar import Request
from litestar.datastructures import Headers

from argus_http.errors import ApiError, invalid
from argus_http.principals import Principal
from argus_schemas.identity import principal_event_id

LONGEST_KEY = 255
KEY_HEADER = "Idempotency-Key"
EVENT_HEADER = "argus-event-id"


@dataclass(frozen=True, slots=True)
class Identity:
    """The id of what a request causes, and the digest of the request where its sender chose the id."""

    event_id: UUID
    digest: str | None = None


class Key(NamedTuple):
    """A caller's own key of a request, and the digest of the request, which is all that the key stands for."""

    text: str
    digest: str


def key_of(headers: Headers) -> str | None:
    """Return the caller's own key of the request, if there is one.

    Raises:
        ApiError: 400, it is too long or not text.
    """
    key = headers.get("idempotency-key")
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise invalid({"detail": f"{KEY_HEADER} has 1 to {LONGEST_KEY} printable characters."})
    return key


async def identity_of(request: Request[Any, Any, Any], headers: Headers, principal: Principal) -> Identity:
    """Return what identifies the request: the same for the same caller and key."""
    key = await key_and_digest(request, headers)
    return Identity(uuid4()) if key is None else Identity(principal_event_id(principal.pk, key.text), key.digest)


async def key_and_digest(request: Request[Any, Any, Any], headers: Headers) -> Key | None:
    """Return the caller's own key of the request, if there is one, and the digest of the whole request."""
    text = key_of(headers)
    if text is None:
        return None
    said = f"{request.method} {request.scope['path']}\n".encode() + await request.body()
    return Key(text, hashlib.sha256(said).hexdigest())


def other_request() -> ApiError:
    """Return the 422 for another request under a key that was used before."""
    return ApiError(422, {"detail": f"This {KEY_HEADER} was used for another request."})


def wants_no_wait(headers: Headers) -> bool:
    """Tell whether the caller prefers an answer before the store has the record."""
    preferences = headers.get("prefer", "").lower()
    return bool(preferences) and "respond-async" in (part.split(";")[0].strip() for part in preferences.split(","))
