"""What a configuration write refuses, and why.

* Refused          a value that cannot be; names the field
  * NoSuch         what it refers to is not there, or is not the caller's
    * Absent       the very thing that is asked for
  * Kept           it cannot be deleted
    * InUse        while something uses it
"""

from collections.abc import Iterable

EMPTY = "This list may not be empty."


class Refused(Exception):
    """A write that the rules do not allow; `str()` is a sentence for people."""

    def __init__(self, field: str | None, message: str) -> None:
        super().__init__(message)
        self.field = field
        """The field that is wrong; None where several are together."""
        self.message = message


class NoSuch(Refused):
    """What is named does not exist, as far as the caller may know."""

    def __init__(self, field: str | None, pk: object) -> None:
        super().__init__(field, f'Invalid pk "{pk}" - object does not exist.')


class Absent(NoSuch):
    """What is to be shown, changed or deleted does not exist, as far as the caller may know."""

    def __init__(self, thing: str, pk: object) -> None:
        super().__init__(thing, pk)
        self.thing = thing


class Kept(Refused):
    """It cannot be deleted."""


class InUse(Kept):
    """It cannot be deleted while profiles or tasks use it."""

    def __init__(self, thing: str, names: Iterable[str], users: str = "notification profile(s)") -> None:
        listed = ", ".join(names)
        super().__init__(None, f"Cannot delete this {thing} since it is in use in the {users}: {listed}.")
