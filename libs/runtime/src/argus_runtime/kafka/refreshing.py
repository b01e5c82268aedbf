"""Pauses between questions for the brokers and leaders of the moment."""

import asyncio
from collections.abc import Collection

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata

SECONDS_BETWEEN_REFRESHES = 0.1
NO_LEADER = (None, -1)


def with_pauses(client: AIOKafkaClient) -> None:
    """Let `client` wait a moment after each answer that does not help it.

    aiokafka 0.14 pauses after a failed request, but not where a partition has no leader: its sender asks again as soon
    as it is answered or refused. A broker that stops in order says that nobody leads, and each producer would knock at
    its door some thousand times a second until it is back (see also aio-libs/aiokafka#1155, the same in its fetcher).
    """
    refresh = client._metadata_update  # noqa: SLF001  all its questions go through here, and it has no setting

    async def refreshed(cluster: ClusterMetadata, topics: Collection[str]) -> bool:
        answered: bool = await refresh(cluster, topics)
        if not answered or _leaderless(cluster, topics):
            await asyncio.sleep(SECONDS_BETWEEN_REFRESHES)
        return answered

    client._metadata_update = refreshed  # noqa: SLF001


def _leaderless(cluster: ClusterMetadata, topics: Collection[str]) -> bool:
    return any(
        cluster.leader_for_partition(TopicPartition(topic, partition)) in NO_LEADER
        for topic in topics
        for partition in cluster.partitions_for_topic(topic) or ()
    )
