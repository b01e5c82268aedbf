"""What a client writes that takes the names of headers as bytes."""

from collections.abc import Sequence
from typing import Self

from aiokafka import AIOKafkaProducer
from aiokafka.record import default_records


class Bytes(str):
    """A name that is no text."""

    __slots__ = ("name",)
    name: bytes

    def __new__(cls, name: bytes) -> Self:
        made = super().__new__(cls)
        made.name = name
        return made

    def encode(self, *_: object) -> bytes:
        return self.name


async def send_with_headers(brokers: str, topic: str, headers: Sequence[Sequence[tuple[str, bytes | None]]]) -> None:
    """Write a record with each of these headers to partition 0, in one batch; their values count from 0."""
    async with AIOKafkaProducer(bootstrap_servers=brokers) as producer:
        batch = producer.create_batch()
        batch._builder = default_records._DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, 0, 10_000)
        for number, each in enumerate(headers):
            batch.append(timestamp=None, key=None, value=str(number).encode(), headers=list(each))
        await (await producer.send_batch(batch, topic, partition=0))
