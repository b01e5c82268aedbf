"""What a user wants to be told of, when and where."""

from functools import partial

from argus_api.wishes.values import flag, pk, pks
from argus_database.configuration.owned import LONGEST_NAME
from argus_database.configuration.profiles import Wish
from argus_http.fields import REQUIRED, Fields, text


def profile_wish(fields: Fields, *, whole: bool) -> Wish:
    """Return what a body says of a profile: with `timeslot`, as in v2, with `timeslots`, or with both.

    Raises:
        ApiError: 400 with the errors of all fields.
    """
    if whole and "timeslot" not in fields and "timeslots" not in fields:
        fields.errors["timeslot"] = [REQUIRED]
    some_pks = partial(pks, some=True)
    wish = Wish(
        name=fields.read("name", lambda value: text(value, LONGEST_NAME), None, null=True),
        unnamed="name" in fields and fields.raw("name") is None,
        timeslot=fields.read("timeslot", pk, None),
        timeslots=fields.read("timeslots", some_pks, None),
        filters=fields.read("filters", some_pks, None, required=whole),
        destinations=fields.read("destinations", pks, None),
        active=flag(fields, "active"),
    )
    fields.check()
    return wish
