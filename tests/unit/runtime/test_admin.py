"""What an admin makes of the broker's answers."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import errors

from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka.admin import Admin, Refused
from argus_runtime.kafka.names import Names


class _Answering(Admin):
    """An admin whose broker answers questions about groups with an error."""

    def __init__(self, error: type[errors.BrokerResponseError]) -> None:
        super().__init__("nowhere:9092", Names("test."))
        self._error = error

    async def _connected(self) -> Any:
        async def describe(groups: list[str]) -> list[Any]:
            return [SimpleNamespace(groups=[(self._error.errno, group, "", "", "", [], 0) for group in groups])]

        return SimpleNamespace(describe_consumer_groups=describe)


@pytest.mark.parametrize("error", [errors.NotCoordinatorForGroupError, errors.GroupLoadInProgressError])
async def test_a_broker_that_is_about_to_know_is_asked_later(error):
    with pytest.raises(LogUnavailable):
        await _Answering(error).members("matcher")


async def test_a_group_that_nobody_has_joined_has_no_members():
    assert await _Answering(errors.GroupIdNotFound).members("matcher") == 0


async def test_what_the_broker_does_not_allow_is_refused():
    with pytest.raises(Refused, match="GroupAuthorizationFailedError"):
        await _Answering(errors.GroupAuthorizationFailedError).members("matcher")
