"""Waiting for a condition with a deadline, instead of sleeping."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

PAUSE_SECONDS = 0.02


async def eventually(condition: Callable[[], Any], *, within: float = 10.0, pause: float = PAUSE_SECONDS) -> Any:
    """Return the first truthy value of `condition`, a function or coroutine function.

    An AssertionError in it means "not yet"; at the deadline it is the error that is shown.
    """
    attempt = _Attempt(condition, within)
    while True:
        with attempt:
            result = condition()
            attempt.value = await result if inspect.isawaitable(result) else result
        if attempt.done():
            return attempt.value
        await asyncio.sleep(pause)


def eventually_blocking(condition: Callable[[], T], *, within: float = 10.0, pause: float = PAUSE_SECONDS) -> T:
    """Do the same where there is no event loop."""
    attempt = _Attempt(condition, within)
    while True:
        with attempt:
            attempt.value = value = condition()
        if attempt.done():
            return value
        time.sleep(pause)


class _Attempt:
    """One deadline, and what was seen before it."""

    def __init__(self, condition: Callable[[], Any], within: float) -> None:
        self._name = getattr(condition, "__qualname__", repr(condition))
        self._within = within
        self._deadline = time.monotonic() + within
        self._error: AssertionError | None = None
        self.value: Any = None

    def __enter__(self) -> None:
        self._error, self.value = None, None

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> bool:
        self._error = error if isinstance(error, AssertionError) else None
        return self._error is not None

    def done(self) -> bool:
        if self.value:
            return True
        if time.monotonic() > self._deadline:
            message = f"{self._name} did not come true within {self._within} s; last: {self.value!r}"
            raise self._error or AssertionError(message)
        return False
