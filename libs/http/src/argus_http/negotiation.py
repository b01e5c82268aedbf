"""In which form the caller wants the answer: JSON, or JSON on a page for people (specification 2.1.2)."""

from urllib.parse import parse_qs

from argus_http.errors import ApiError

JSON, PAGE = "application/json", "text/html"
FORMATS = {"json": JSON, "api": PAGE}
ANYTHING = frozenset({"", "*/*", JSON})


def wanted(accept: str, query: bytes) -> str:
    """Return the type that the caller wants.

    Raises:
        ApiError: 406, we have none of those that it takes; 404, it names a format that is none.
    """
    if b"format=" in query:
        named = parse_qs(query.decode("latin-1")).get("format", ["json"])[-1]
        if named not in FORMATS:
            raise ApiError(404, {"detail": "Not found."})
        return FORMATS[named]
    if accept in ANYTHING:
        return JSON
    ranges = [piece.split(";")[0].strip().lower() for piece in accept.split(",")]
    for candidates in _by_precision(ranges):
        for ours in (JSON, PAGE):
            if any(_covers(candidate, ours) for candidate in candidates):
                return ours
    raise ApiError(406, {"detail": "Could not satisfy the request Accept header."})


def _by_precision(ranges: list[str]) -> list[list[str]]:
    """Return whole types first, then their families, then anything; their order and weight do not matter to Argus."""
    whole = [each for each in ranges if not each.endswith("/*")]
    families = [each for each in ranges if each.endswith("/*") and each != "*/*"]
    return [whole, families, [each for each in ranges if each == "*/*"]]


def _covers(range_: str, type_: str) -> bool:
    return range_ in {type_, "*/*", f"{type_.split('/', maxsplit=1)[0]}/*"}
