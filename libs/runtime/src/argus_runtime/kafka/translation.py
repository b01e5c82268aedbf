"""What the client library says, in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka import ConsumerRecord, TopicPartition, errors

from argus_runtime.errors import Fenced, LogUnavailable, PartitionTaken, PipelineError, RecordTooLarge
from argus_runtime.kafka.records import Partition, Record

FENCED = (errors.ProducerFenced, errors.InvalidProducerEpoch, errors.InvalidTxnState, errors.InvalidProducerIdMapping)
TAKEN = (errors.CommitFailedError, errors.IllegalStateError, errors.IllegalGenerationError, errors.UnknownMemberIdError)
FAILURES = (errors.KafkaError, TimeoutError, OSError, AssertionError)
"""What the library raises while Kafka is away; some of it checks metadata by `assert`."""

TOO_LARGE = (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError)


def translated(error: BaseException) -> PipelineError:
    """Return the error of ours that `error` means."""
    if isinstance(error, PipelineError):
        return error
    said = str(error) or type(error).__name__
    if isinstance(error, TOO_LARGE):
        return RecordTooLarge(said)
    if isinstance(error, FENCED):
        return Fenced(said)
    if isinstance(error, TAKEN):
        return PartitionTaken(said)
    return LogUnavailable(said)


@contextmanager
def translating() -> Iterator[None]:
    """Raise only errors of ours for what goes wrong between us and Kafka."""
    try:
        yield
    except FAILURES as error:
        raise translated(error) from error


def ours(partition: TopicPartition) -> Partition:
    """Return the partition as we write it."""
    return Partition(partition.topic, partition.partition)


def theirs(partition: Partition) -> TopicPartition:
    """Return the partition as the library writes it."""
    return TopicPartition(partition.topic, partition.partition)


def record(partition: Partition, found: "ConsumerRecord[bytes, bytes]") -> Record:
    """Return the record as we write it."""
    return Record(partition, found.offset, found.key, found.value, tuple(found.headers), found.timestamp)
