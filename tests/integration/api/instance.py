"""An instance of api in this process, reached from any address."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from argus_api.application import create_app
from argus_api.background import credentials
from argus_api.context import Context
from argus_api.database import Database
from argus_api.logins import Logins
from argus_api.settings import COUNT_WITHIN
from argus_database.engine import Sessions
from argus_domain.filters import EMPTY
from argus_http.authentication import Credentials
from argus_media.finding import Media, installed
from argus_runtime.health import Check
from argus_runtime.secrets import Secrets
from argus_schemas.configuration import Filter


def an_api(
    sessions: Sessions,
    *,
    doors: Credentials | None = None,
    ticket_plugin: str = "",
    count_within: timedelta = COUNT_WITHIN,
    fallback: Filter = EMPTY,
    media: Media | None = None,
    **logins: Any,
) -> Any:
    """Return the application, its logins limited as told."""
    database = Database(sessions, Check("postgres", required=True))
    encrypt = Secrets([b"k" * 32]).encrypt
    doors = doors or credentials(database)
    context = Context(
        database, doors, Logins(database, **logins), ZoneInfo("UTC"), encrypt,
        ticket_plugin=ticket_plugin, count_within=count_within, fallback=fallback,
        media=installed() if media is None else media,
    )  # fmt: skip
    return create_app(context)


def client(app: Any, address: str = "192.0.2.1") -> httpx.AsyncClient:
    """Return a client that comes from `address`."""
    transport = httpx.ASGITransport(app, client=(address, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://argus.example.org")


def bearing(key: str) -> dict[str, str]:
    """Return the header with a key."""
    return {"Authorization": f"Token {key}"}
