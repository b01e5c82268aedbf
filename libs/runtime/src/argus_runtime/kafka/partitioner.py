"""The one way from a key to a partition, the same as that of Kafka's own clients."""

from aiokafka.partitioner import murmur2

SIGN = 0x7FFFFFFF


def partition_of(key: str | bytes, partitions: int) -> int:
    """Return the partition on which all our producers put records with `key`."""
    return int(murmur2(key.encode() if isinstance(key, str) else key) & SIGN) % partitions
