"""What the body of a request wishes to be."""

from typing import Protocol, TypeVar

from argus_api.context import Asked, Context
from argus_http.bodies import content
from argus_http.fields import Fields

T_co = TypeVar("T_co", covariant=True)


class Reader(Protocol[T_co]):
    """Reads a wish from the fields of a body."""

    def __call__(self, fields: Fields, *, whole: bool) -> T_co:
        """Return the wish; a whole body must name all that is required."""


async def wished(request: Asked, api: Context, read: Reader[T_co]) -> T_co:
    """Return what `read` makes of the body; all but PATCH send a whole one.

    Raises:
        ApiError: 400 with the errors of all fields, or what is wrong with the body.
    """
    return read(Fields(await content(request), api.zone), whole=request.method != "PATCH")
