"""Until when a user wants to be told of nothing."""

from datetime import datetime

from argus_http.fields import Fields


def quiet_wish(fields: Fields, *, whole: bool) -> datetime | None:  # noqa: ARG001  it is always whole
    """Return the moment that a body says.

    Raises:
        ApiError: 400 with what is wrong with it.
    """
    until = fields.moment("until", required=True)
    fields.check()
    return until
