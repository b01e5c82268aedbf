"""The cookies of a browser that is logged in.

The session's key is in a cookie that no script can read. The other one says what a script must send in a header with
each request that changes something (CSRF): it follows from the key, so that nobody without the key can know it, and
nothing needs to be kept.
"""

import hashlib
import hmac
from collections.abc import Sequence

from litestar.datastructures import Cookie

from argus_database.configuration.sessions import LIFETIME

SESSION = "sessionid"
CSRF = "csrftoken"
"""Both as Argus calls them: its frontend reads the second one."""
CSRF_HEADER = "X-CSRFToken"


def session_in(header: str | None) -> str | None:
    """Return the session's key in a `Cookie` header."""
    for pair in (header or "").split(";"):
        name, _, value = pair.partition("=")
        if name.strip() == SESSION:
            return value.strip().strip('"') or None
    return None


def csrf_of(key: str) -> str:
    """Return what must come with a session's requests that change something."""
    return hmac.new(key.encode(), b"csrf", hashlib.sha256).hexdigest()


def csrf_fits(key: str, sent: str) -> bool:
    """Tell whether that came."""
    return hmac.compare_digest(csrf_of(key).encode(), sent.encode())


def given(key: str) -> Sequence[Cookie]:
    """Return the cookies of a session."""
    seconds = int(LIFETIME.total_seconds())
    return [_cookie(SESSION, key, seconds, hidden=True), _cookie(CSRF, csrf_of(key), seconds, hidden=False)]


def taken() -> Sequence[Cookie]:
    """Return what makes a browser forget them."""
    return [_cookie(SESSION, "", 0, hidden=True), _cookie(CSRF, "", 0, hidden=False)]


def _cookie(name: str, value: str, seconds: int, *, hidden: bool) -> Cookie:
    return Cookie(name, value=value, max_age=seconds, path="/", secure=True, httponly=hidden, samesite="lax")
