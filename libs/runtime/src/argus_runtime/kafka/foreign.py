"""Somebody else's Kafka: one record at a time, to brokers whose addresses were checked."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import AIOKafkaProducer, errors
from aiokafka.client import AIOKafkaClient

from argus_runtime.errors import LogUnavailable, RecordTooLarge
from argus_runtime.kafka.closing import close_producer
from argus_runtime.kafka.records import Partition, Place
from argus_runtime.kafka.refreshing import with_pauses
from argus_runtime.kafka.translation import FAILURES, translated

REQUEST_TIMEOUT_MS = 10_000
FOR_GOOD = (errors.TopicAuthorizationFailedError, errors.InvalidTopicError, errors.InvalidMessageError)

Check = Callable[[str], Awaitable[str]]
"""Returns an address of a host, which may be connected to; raises what it likes if there is none."""


class Refused(Exception):
    """A record that these brokers never take."""


async def send_abroad(
    brokers: list[tuple[str, int]],
    topic: str,
    key: bytes,
    value: bytes,
    *,
    headers: list[tuple[str, bytes]],
    check: Check,
) -> Place:
    """Send a record to brokers that are not ours, acknowledged by all replicas, and return its place.

    What the brokers say of themselves is not believed: each address is checked before it is connected to.

    Raises:
        OSError: what `check` says of an address.
        LogUnavailable: they cannot be reached or did not answer.
        Refused: they never take this record.
    """
    addresses = [f"{_bracketed(await check(host))}:{port}" for host, port in brokers]
    client = AIOKafkaProducer(bootstrap_servers=addresses, acks="all", request_timeout_ms=REQUEST_TIMEOUT_MS)
    refused = _with_checks(client.client, check)
    with_pauses(client.client)
    sending = asyncio.ensure_future(_send(client, topic, key, value, headers))
    try:
        await asyncio.wait({sending, refused}, return_when=asyncio.FIRST_COMPLETED)
        return refused.result() if refused.done() else sending.result()
    finally:
        sending.cancel()
        refused.cancel()
        await asyncio.wait({sending})
        await close_producer(client)


async def _send(
    client: AIOKafkaProducer, topic: str, key: bytes, value: bytes, headers: list[tuple[str, bytes]]
) -> Place:
    try:
        await client.start()
        placed = await client.send_and_wait(topic, value, key=key, headers=headers)
    except FOR_GOOD as error:
        raise Refused(str(error) or type(error).__name__) from error
    except FAILURES as error:
        meaning = translated(error)
        if isinstance(meaning, RecordTooLarge):
            raise Refused(str(meaning)) from error
        raise (meaning if isinstance(meaning, LogUnavailable) else LogUnavailable(str(meaning))) from error
    return Place(Partition(placed.topic, placed.partition), placed.offset)


def _with_checks(client: AIOKafkaClient, check: Check) -> "asyncio.Future[Place]":
    """Let `client` connect to checked addresses alone; the future fails with what the check says of another."""
    connection = client._get_conn  # noqa: SLF001  all its connections but the first are made here
    refused: asyncio.Future[Place] = asyncio.get_running_loop().create_future()

    async def checked(node: Any, **options: Any) -> Any:
        broker = client.cluster.broker_metadata(node)
        if broker is not None:
            try:
                address = await check(broker.host)
            except OSError as error:
                if not refused.done():
                    refused.set_exception(error)
                return None
            client.cluster._brokers[node] = broker._replace(host=address)  # noqa: SLF001  nothing runs in between
        return await connection(node, **options)

    client._get_conn = checked  # noqa: SLF001
    return refused


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
