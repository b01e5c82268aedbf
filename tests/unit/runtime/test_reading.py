"""What a member of a group says when Kafka gives it nothing, over a client made by hand."""

from typing import Any

import pytest
from aiokafka import errors

from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka.consumer import Consumer
from argus_runtime.metrics import READ_ERRORS


class FakeClient:
    """A client whose fetches fail."""

    async def getmany(self, *_partitions: Any, **_options: Any) -> Any:
        raise errors.TopicAuthorizationFailedError("reports.nav")


def counted() -> float:
    return float(READ_ERRORS.labels("LogUnavailable")._value.get())


async def test_an_error_of_kafka_is_one_that_may_pass_and_is_counted():
    client: Any = FakeClient()
    before = counted()

    with pytest.raises(LogUnavailable, match="reports"):
        await Consumer(client).batches(0.01, 500)

    assert counted() == before + 1
