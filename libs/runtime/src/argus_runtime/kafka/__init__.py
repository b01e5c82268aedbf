"""Kafka as the services know it; only modules of this package know the client library."""

from argus_runtime.kafka.admin import Admin
from argus_runtime.kafka.client import Kafka
from argus_runtime.kafka.comparison import Described
from argus_runtime.kafka.consumer import Consumer
from argus_runtime.kafka.names import owner_id
from argus_runtime.kafka.partitioner import partition_of
from argus_runtime.kafka.producer import Producer
from argus_runtime.kafka.reader import Reader
from argus_runtime.kafka.records import Headers, Partition, Place, Record
from argus_runtime.kafka.transactional import TransactionalProducer

__all__ = [
    "Admin", "Consumer", "Described", "Headers", "Kafka", "Partition", "Place", "Producer", "Reader", "Record",
    "TransactionalProducer", "owner_id", "partition_of",
]  # fmt: skip
