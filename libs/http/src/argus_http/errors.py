"""Errors as Argus words them: any body, with its status (specification 2.1.4).

* ApiError             any status and body
  * NotAuthenticated   401 with `WWW-Authenticate: Token`
  * Unavailable        503 with `Retry-After`: try again, nothing is decided
"""

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from argus_http.resources import LISTED, resource_at

log = logging.getLogger(__name__)

RETRY_AFTER = "2"
"""Seconds; a broker or database that restarts is back within a few of them."""

JSON = "application/json"


class ApiError(Exception):
    """An answer that is not the one hoped for."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


class NotAuthenticated(ApiError):
    """Nobody, or nobody that we know."""

    def __init__(self, detail: str = "Authentication credentials were not provided.") -> None:
        super().__init__(401, {"detail": detail}, {"WWW-Authenticate": "Token"})


class Unavailable(ApiError):
    """What decides cannot be reached; a later try may succeed."""

    def __init__(self, detail: str) -> None:
        super().__init__(503, {"detail": detail}, {"Retry-After": RETRY_AFTER})


def invalid(body: Any) -> ApiError:
    """Return a 400 with any of Argus's shapes: fields, a list, a text."""
    return ApiError(400, body)


def forbidden() -> ApiError:
    """Return Argus's 403."""
    return ApiError(403, {"detail": "You do not have permission to perform this action."})


def throttled(seconds: int) -> ApiError:
    """Return the 429 for who has to wait."""
    detail = f"Request was throttled. Expected available in {seconds} second{'' if seconds == 1 else 's'}."
    return ApiError(429, {"detail": detail}, {"Retry-After": str(seconds)})


def not_found(model: str) -> ApiError:
    """Return the 404 for an object of `model`, such as `Incident`."""
    return ApiError(404, {"detail": f"No {model} matches the given query."})


def unparsable(reason: str) -> ApiError:
    """Return the 400 for a body that is not JSON, or not JSON that can be kept."""
    return ApiError(400, {"detail": f"JSON parse error - {reason}"})


def too_large(most: int) -> ApiError:
    """Return the 413 for a body above `most` bytes."""
    return ApiError(413, {"detail": f"The body may have {most} bytes at most."})


def answer(_request: Request[Any, Any, Any], error: ApiError) -> Response[Any]:
    """Answer with what the error says."""
    # Encoded here, since Litestar would send a text without its quotes.
    body = msgspec.json.encode(error.body)
    return Response(body, status_code=error.status, headers=error.headers, media_type=JSON)


def answer_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Word an error of the framework as Argus does."""
    details = {
        404: "Not found.",
        405: f'Method "{request.method}" not allowed.',
        413: "The body is too large.",
    }
    status, path = error.status_code, request.scope["path"]
    headers = {("Allow" if name.lower() == "allow" else name): value for name, value in (error.headers or {}).items()}
    if "Allow" in headers and (resource := resource_at(path)):
        headers["Allow"] = resource.allow  # also what the other service does
    elif status == 405 and path.startswith(LISTED):
        status, headers = 404, {}  # the framework looks at the method before it reads numbers in the path
    detail = details.get(status, error.detail)
    return Response({"detail": detail}, status_code=status, headers=headers, media_type=JSON)


def answer_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer 500 to what nobody foresaw, and log it."""
    log.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
    return Response({"detail": "Internal server error."}, status_code=500, media_type=JSON)


HANDLERS: dict[type[Exception] | int, Any] = {
    ApiError: answer,
    HTTPException: answer_framework,
    Exception: answer_fault,
}
"""For `Litestar(exception_handlers=HANDLERS)`."""
