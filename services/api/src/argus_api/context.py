"""What all handlers are given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from typing import Any, TypeVar, cast

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.enums import HttpMethod

from argus_api.database import Database
from argus_api.logins import Logins
from argus_api.settings import COUNT_WITHIN
from argus_database.configuration.destinations import Encrypt
from argus_domain.filters import EMPTY
from argus_http.authentication import Credentials
from argus_http.errors import invalid
from argus_http.principals import Principal
from argus_media.finding import Media, installed
from argus_schemas.configuration import Filter

T = TypeVar("T")

Asked = Request[Principal, Any, Any]

NO_WHOLE_NUMBER = "Enter a whole number."

CHANGES = [HttpMethod.PUT, HttpMethod.PATCH]
"""With a whole body, or with what shall be otherwise."""


@dataclass(frozen=True, slots=True)
class Context:
    """The database, who may come in, the clock's zone, what encrypts secrets, and what the settings say."""

    database: Database
    credentials: Credentials
    logins: Logins
    zone: tzinfo
    encrypt: Encrypt
    zone_name: str = "UTC"
    base_url: str = ""
    ticket_plugin: str = ""
    count_within: timedelta = COUNT_WITHIN
    fallback: Filter = EMPTY
    """The conditions that count where a profile's filter has none."""
    media: Media = field(default_factory=installed)
    """Those that may be used."""

    def url(self, request: Request[Any, Any, Any], path: str) -> str:
        """Return the absolute address of `path` here."""
        base = self.base_url or f"{request.base_url.scheme}://{request.base_url.netloc}"
        return base.rstrip("/") + path

    def address(self, request: Request[Any, Any, Any]) -> str:
        """Return the absolute address that was asked for, without its query."""
        return self.url(request, request.scope["path"].rstrip("/") + "/")


Api = NamedDependency[Context]
"""For the handlers' parameter `api`."""


def is_v3(request: Request[Any, Any, Any]) -> bool:
    """Tell whether v3 was asked."""
    return request.url.path.startswith("/api/v3/")


def pk_in(query: Mapping[str, str], name: str) -> int | None:
    """Return the pk that a parameter of the query names; None: it names none.

    Raises:
        ApiError: 400, it is no number.
    """
    text = query.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise invalid({name: [NO_WHOLE_NUMBER]})
    return int(text[:20])


def query_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return the query; of a repeated parameter the last value counts."""
    return dict(request.query_params.multi_items())


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    """Return `body` as JSON."""
    return Response(msgspec.json.encode(body), status_code=status, headers=headers, media_type="application/json")


def shown(body: T, status: int = 200) -> Response[T]:
    """Return `body` as JSON; a handler that says what its body is has it described in the API's document."""
    return cast("Response[T]", answer(body, status))
