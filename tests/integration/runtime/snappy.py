"""What a source writes that compresses with Snappy, for which our client has no library: just enough of the format."""

import struct
from collections.abc import Iterator

import pytest
from aiokafka import AIOKafkaProducer, codec
from aiokafka.record import default_records

SNAPPY = 2
LONGEST_COPY = 64


async def send_compressed(brokers: str, topic: str, value: bytes) -> None:
    """Write a record to partition 0, in a batch that is compressed."""
    async with AIOKafkaProducer(bootstrap_servers=brokers) as producer:
        batch = producer.create_batch()
        batch._builder = default_records._DefaultRecordBatchBuilderPy(2, SNAPPY, 0, -1, -1, 0, len(value) + 1000)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(codec, "has_snappy", lambda: True)
            patch.setattr(default_records, "snappy_encode", _framed)
            batch.append(timestamp=None, key=None, value=value)
            batch._build()
        await (await producer.send_batch(batch, topic, partition=0))


def _framed(plain: bytes) -> bytes:
    block = b"".join((_length(len(plain)), *_elements(bytes(plain))))
    return b"\x82SNAPPY\0" + struct.pack(">iii", 1, 1, len(block)) + block


def _length(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + _length(number >> 7)


def _elements(plain: bytes) -> Iterator[bytes]:
    """Yield each byte by itself, or how often it is repeated."""
    at = 0
    while at < len(plain):
        yield bytes([0, plain[at]])
        run = at + 1
        while run < len(plain) and plain[run] == plain[at] and run - at <= LONGEST_COPY:
            run += 1
        if repeated := run - at - 1:
            yield bytes([(repeated - 1) << 2 | 2, 1, 0])
        at = run
