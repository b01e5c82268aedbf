"""Absolute URLs, and the merge of a source's base URL with an incident's details."""

import re
from functools import lru_cache
from urllib.parse import urljoin

LONGEST = 2048
_LABEL = r"[a-z0-9\u00a1-\uffff](?:[a-z0-9\u00a1-\uffff-]{0,61}[a-z0-9\u00a1-\uffff])?"
_NUMBER = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_ABSOLUTE = re.compile(
    r"(?:https?|ftps?)://"
    r"(?:[^\s:@/]+(?::[^\s:@/]*)?@)?"
    rf"(?:{_NUMBER}(?:\.{_NUMBER}){{3}}|\[[0-9a-f:.]+\]|localhost"
    rf"|{_LABEL}(?:\.{_LABEL})*\.(?:[a-z\u00a1-\uffff][a-z0-9\u00a1-\uffff-]{{0,61}}[a-z0-9\u00a1-\uffff])\.?)"
    r"(?::\d{1,5})?"
    r"(?:[/?#]\S*)?",
    re.IGNORECASE,
)

_PLAIN = re.compile(r"/(?!/)[\w/%=&:,-]*(?:\?[\w/%=&:,-]+)?", re.ASCII)
"""A path to which joining does nothing."""


def is_absolute(text: str) -> bool:
    """Tell whether `text` is an absolute URL that a browser can follow."""
    return len(text) <= LONGEST and _ABSOLUTE.fullmatch(text) is not None


def is_web(text: str) -> bool:
    """Tell whether `text` is an absolute URL of the web: what the base URL of a source is."""
    return is_absolute(text) and text.lower().startswith("http")


def details_url(stored: str, base_url: str) -> str:
    """Return the address of an incident's details as it is shown (specification 1.6)."""
    stored = stored.strip()
    if not base_url:
        return stored
    if _PLAIN.fullmatch(stored):
        root = _root(base_url)
        if root and len(root) + len(stored) <= LONGEST:
            return root + stored
    return stored if is_absolute(stored) else _joined(stored, base_url)


def _joined(stored: str, base_url: str) -> str:
    try:
        joined = urljoin(base_url, stored)
    except ValueError:
        return stored
    return joined if stored and is_absolute(joined) else stored


@lru_cache(maxsize=1024)
def _root(base_url: str) -> str:
    """Return what a plain path is put behind, or an empty text; sources are few, and a page has a hundred incidents."""
    root = _joined("/", base_url).removesuffix("/")
    return root if is_absolute(root) else ""
