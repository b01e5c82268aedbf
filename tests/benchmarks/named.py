"""The lists that are measured, by name: each filter alone, some together, words rare, frequent and absent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

LIST = "/api/v2/incidents/"


@dataclass(frozen=True, slots=True)
class Named:
    """A request, and the milliseconds that 99 of 100 may take."""

    path: str
    query: Mapping[str, str]
    most: float = 20.0

    @property
    def query_string(self) -> bytes:
        """The query as it is sent."""
        return urlencode(self.query).encode()


def _ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def named(cursor: str) -> dict[str, Named]:
    """Return all requests; `cursor` is that of some page."""
    pages = {
        "first page": {}, "a later page": {"cursor": cursor}, "open": {"open": "true"}, "closed": {"open": "false"},
        "acked": {"acked": "true"}, "not acked": {"acked": "false"}, "stateful": {"stateful": "true"},
        "stateless": {"stateful": "false"}, "end is null": {"end_time__isnull": "true"}, "ticket": {"ticket": "true"},
        "no ticket": {"ticket": "false"}, "no closed acked": {"hide_closed_acked": "true"},
        "token expiry": {"token_expiry": "true"}, "tag, rare": {"tags": "customer=c5"},
        "tag, frequent": {"tags": "site=site3"}, "tag, absent": {"tags": "host=nowhere"},
        "lasted an hour": {"duration__gte": "60"}, "lasted a month": {"duration__gte": "43200"},
        "lasted for ever": {"duration__gte": "999999999"}, "ids": {"id__in": "1,2,3,500,900"},
        "sources": {"source__id__in": "1001,1020"}, "source by name": {"source__name__in": "bench20"},
        "source type": {"source__type__in": "zabbix"}, "level 1": {"level__lte": "1"}, "level 3": {"level__lte": "3"},
        "source incident id": {"source_incident_id": "777"}, "started since": {"start_time__gte": _ago(30)},
        "started before": {"start_time__lte": _ago(400)}, "ended since": {"end_time__gte": _ago(3)},
        "ended before": {"end_time__lte": _ago(365)}, "ended long ago": {"end_time__lte": _ago(729)},
        "open and bad": {"open": "true", "level__lte": "2"},
        "open, not acked, of a source": {"open": "true", "acked": "false", "source__id__in": "1001"},
        "closed, tagged, bad": {"open": "false", "tags": "site=site3", "level__lte": "3"},
        "word, frequent": {"search": "interface"}, "word, rare": {"search": "xylophone"},
        "word, absent": {"search": "zzyzx"}, "word of three letters": {"search": "pol"},
    }  # fmt: skip
    apart = {
        "short word": {"search": "sw"}, "short word, absent": {"search": "qz"}, "count": {"count": ""},
        "count open": {"count": "", "open": "true"}, "count rare word": {"count": "", "search": "xylophone"},
        "count frequent word": {"count": "", "search": "interface"}, "count short word": {"count": "", "search": "qz"},
        "count, no closed acked": {"count": "", "hide_closed_acked": "true"},
        "count tags of a key": {"count": "", "tags": "site=site3,site=site4,site=site5"},
        "count ended before": {"count": "", "end_time__lte": _ago(365)},
        "count lasted an hour": {"count": "", "duration__gte": "60"},
    }  # fmt: skip
    requests = {name: Named(LIST, query) for name, query in pages.items()}
    requests |= {name: Named(LIST, query, most=500.0) for name, query in apart.items()}
    return requests | {"all events": Named(f"{LIST}events/", {}), "mine": Named(f"{LIST}mine/", {"open": "true"})}
