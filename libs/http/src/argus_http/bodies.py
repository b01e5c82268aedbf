"""Bodies of requests: JSON, or a form; with Argus's errors for what is neither (specification 2.1.2)."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException

from argus_http.errors import ApiError, unparsable

LARGEST_BODY = 256 * 1024
"""Bytes of the body of an ordinary request."""

JSON_DECODER = msgspec.json.Decoder()
"""Measured against pydantic's and the standard library's: the fastest, and the one that refuses NaN, infinities,
numbers beyond a double and halves of surrogate pairs by itself."""


async def content(request: Request[Any, Any, Any]) -> Any:
    """Return what the body says; an empty one says nothing.

    Raises:
        ApiError: 400 where it cannot be parsed, 415 where it is of another type.
    """
    body = await request.body()
    if not body:
        return {}
    kind, _ = request.content_type
    if kind == "application/json":
        return from_json(body)
    if kind == "application/x-www-form-urlencoded":
        return _from_form(body)
    if kind == "multipart/form-data":
        return await _from_parts(request)
    sent = request.headers.get("content-type", "")
    raise ApiError(415, {"detail": f'Unsupported media type "{sent}" in request.'})


def from_json(body: bytes) -> Any:
    """Return what a JSON text says.

    Raises:
        ApiError: 400, it is none, or one that nests too deep.
    """
    try:
        return JSON_DECODER.decode(body)
    except msgspec.MsgspecError as error:
        raise unparsable(str(error)) from None
    except UnicodeDecodeError as error:
        raise unparsable(str(error)) from None
    except RecursionError:
        raise unparsable("The body nests too deep") from None


def _from_form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=1000))
    except ValueError as error:
        raise ApiError(400, {"detail": f"Form parse error - {error}"}) from None


async def _from_parts(request: Request[Any, Any, Any]) -> dict[str, Any]:
    try:
        parts = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        "".join((*parts, *parts.values())).encode()  # UTF-7, for one, lets halves of surrogate pairs through
    except HTTPException as error:
        raise ApiError(400, {"detail": f"Multipart form parse error - {error.detail}"}) from None
    except (UnicodeError, LookupError) as error:  # not what its charset says, or in one that is none
        raise ApiError(400, {"detail": f"Multipart form parse error - {error}"}) from None
    return parts
