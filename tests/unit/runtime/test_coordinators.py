"""A coordinator that does not know a group yet is asked again, and is not taken to say that there is no position."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition, errors
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.protocol.commit import OffsetFetchResponse_v3

from argus_runtime.kafka.coordinators import with_group_errors

PLACE = TopicPartition("argus.incident-events", 3)
KNOWN = OffsetFetchResponse_v3(0, [(PLACE.topic, [(PLACE.partition, 17, "", 0)])], 0)


def refusal(error: type[errors.KafkaError]) -> OffsetFetchResponse_v3:
    return OffsetFetchResponse_v3(0, [], error.errno)


class Coordinator(GroupCoordinator):  # type: ignore[misc]  # the library has no types
    """The library's, with prepared answers and no broker."""

    def __init__(self, *answers: Any) -> None:
        self.group_id = "argus.matcher"
        self.dead = 0
        self._answers = iter(answers)
        self._retry_backoff_ms = 1

    async def ensure_coordinator_known(self) -> None:
        pass

    def coordinator_dead(self) -> None:
        self.dead += 1

    async def _send_req(self, _request: Any) -> Any:
        return next(self._answers)


@pytest.mark.parametrize(
    ("error", "dead"), [(errors.GroupLoadInProgressError, 0), (errors.NotCoordinatorForGroupError, 1)]
)
async def test_a_coordinator_that_does_not_know_is_asked_again(error, dead):
    coordinator = Coordinator(refusal(error), KNOWN)
    with_group_errors(SimpleNamespace(_coordinator=coordinator))

    found = await coordinator.fetch_committed_offsets([PLACE])

    assert found[PLACE].offset == 17
    assert coordinator.dead == dead


async def test_what_no_retry_helps_is_said():
    coordinator = Coordinator(refusal(errors.GroupAuthorizationFailedError))
    with_group_errors(SimpleNamespace(_coordinator=coordinator))

    with pytest.raises(errors.GroupAuthorizationFailedError):
        await coordinator.fetch_committed_offsets([PLACE])
