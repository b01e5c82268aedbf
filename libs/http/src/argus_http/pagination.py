"""Pages of long lists: an opaque cursor names a row by its moment and pk (specification 2.1.5)."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from argus_http.errors import ApiError
from argus_schemas.base import LARGEST_INTEGER

T = TypeVar("T")

PAGE_SIZE = 100
LARGEST_PAGE = 5_000
"""Rows; upstream has no limit, and one request could exhaust it."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Between two rows: after `moment` and `pk` in the newest-first order, or before them where it looks `back`."""

    moment: datetime
    pk: int
    back: bool = False

    def __str__(self) -> str:
        text = f"{'b' if self.back else 'f'}{self.pk}_{self.moment.isoformat()}"
        return base64.urlsafe_b64encode(text.encode()).decode()


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The rows of a page, newest first, and the cursors of its neighbours."""

    rows: Sequence[T]
    next: Cursor | None
    previous: Cursor | None

    def body(self, results: Sequence[Any], url: str, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return the reply with `results`; `url` is absolute and without its query."""
        return {
            "next": _link(url, query, self.next),
            "previous": _link(url, query, self.previous),
            "results": results,
        }

    def links(self, url: str, query: Mapping[str, Any]) -> dict[str, str]:
        """Return the header that names the neighbours of a page whose reply is a bare list."""
        neighbours = {"next": _link(url, query, self.next), "prev": _link(url, query, self.previous)}
        found = ", ".join(f'<{link}>; rel="{name}"' for name, link in neighbours.items() if link)
        return {"Link": found} if found else {}


def cursor_in(query: Mapping[str, str]) -> Cursor | None:
    """Return the cursor that a request names.

    Raises:
        ApiError: 404, it is none of ours.
    """
    text = query.get("cursor")
    if not text:
        return None
    try:
        decoded = base64.b64decode(text.encode(), altchars=b"-_", validate=True).decode()
        pk, _, moment = decoded[1:].partition("_")
        if decoded[0] in "fb" and abs(int(pk)) <= LARGEST_INTEGER:
            return Cursor(_aware(moment), int(pk), back=decoded[0] == "b")
    except (ValueError, IndexError, binascii.Error):
        pass
    raise ApiError(404, {"detail": "Invalid cursor"})


def size_in(query: Mapping[str, str], default: int = PAGE_SIZE) -> int:
    """Return the page size that a request names; what is not a positive number is ignored."""
    text = query.get("page_size", "")
    size = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return min(size, LARGEST_PAGE) or default


def page(
    rows: Sequence[T],
    cursor: Cursor | None,
    size: int,
    place: Callable[[T], tuple[datetime, int]],
    until: Cursor | None = None,
) -> Page[T]:
    """Return the page of `rows`: one more than `size` if there are more, in the direction of `cursor`.

    Fetch newest first, rows after the cursor; where it looks back, oldest first, rows before it. A search that was
    given up at the row of `until` goes on there.
    """
    back = cursor is not None and cursor.back
    more = len(rows) > size
    kept = list(rows[:size])
    if back:
        kept.reverse()
    ahead = until if not more else None
    if not kept:
        return Page(kept, None if back else ahead, ahead if back else None)
    older = Cursor(*place(kept[-1])) if more or back else None
    newer = Cursor(*place(kept[0]), back=True) if (more if back else cursor is not None) else None
    if ahead is not None:
        return Page(kept, older if back else ahead, ahead if back else newer)
    return Page(kept, older, newer)


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _link(url: str, query: Mapping[str, Any], cursor: Cursor | None) -> str | None:
    return None if cursor is None else f"{url}?{urlencode({**query, 'cursor': str(cursor)}, doseq=True)}"
