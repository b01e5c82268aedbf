"""Lists in bodies, refused as Argus does: as a whole, or by what is wrong with which item."""

from collections.abc import Callable
from typing import Any, TypeVar

from argus_http.fields import Wrong

T = TypeVar("T")


def items(value: Any, read: Callable[[Any], T], most: int, *, of_objects: bool = False) -> list[T]:
    """Return what `read` makes of each item of a list of at most so many.

    Raises:
        Wrong: it is no list, has too many items, or what is wrong with which of them.
    """
    found: list[T] = []
    errors: dict[str, Any] = {}
    for index, item in enumerate(listed(value, most, of_objects=of_objects)):
        try:
            found.append(read(item))
        except Wrong as wrong:
            errors[str(index)] = wrong.body
    if errors:
        raise Wrong(errors)
    return found


def listed(value: Any, most: int, *, of_objects: bool = False) -> list[Any]:
    """Return `value` if it is a list of at most so many items; one `of_objects` is refused in another shape.

    Raises:
        Wrong: it is none, or has too many items.
    """
    if not isinstance(value, list):
        said = [f'Expected a list of items but got type "{type(value).__name__}".']
        raise Wrong({"non_field_errors": said} if of_objects else said)
    if len(value) > most:
        raise Wrong([f"Ensure this field has no more than {most} elements."])
    return value
