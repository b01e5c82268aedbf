"""What goes wrong while partitions change hands is told to whoever reads next."""

import asyncio
from typing import Any

from argus_runtime.errors import LogUnavailable, PartitionTaken, PositionLost, RecordsGone
from argus_runtime.kafka import Partition
from argus_runtime.kafka.membership import Membership
from argus_runtime.kafka.translation import theirs
from tests.eventually import eventually

OURS = Partition("argus.notifications", 3)


class FakeClient:
    """A client that may be paused."""

    def pause(self, *partitions: Any) -> None:
        pass

    def resume(self, *partitions: Any) -> None:
        pass


class Nowhere:
    """A log in which nobody has a position."""

    async def placed(self, _positions: Any) -> tuple[dict[Any, Any], dict[Any, Any]]:
        return {}, {}


def a_member(**callbacks: Any) -> Membership:
    fakes: dict[str, Any] = {"client": FakeClient(), "log_": Nowhere()}
    return Membership(**fakes, **{"on_assigned": None, "on_revoked": None} | callbacks)


def raises(error: Exception):
    async def callback(_partitions: set[Partition]) -> None:
        raise error

    return callback


async def test_what_letting_go_raised_is_told_though_partitions_come_at_once():
    error = ValueError("the last rows were not written")
    member = a_member(on_revoked=raises(error), on_assigned=lambda _: asyncio.sleep(60))

    await member.on_partitions_revoked({theirs(OURS)})
    await member.on_partitions_assigned({theirs(OURS)})

    assert member.error is error
    await member.break_off()


async def test_what_preparing_raised_is_not_told_of_partitions_that_are_gone():
    member = a_member(on_assigned=raises(PositionLost("argus.notifications[3]@7")))
    await member.on_partitions_assigned({theirs(OURS)})
    await eventually(lambda: member.error, within=2, pause=0.001)

    await member.on_partitions_revoked({theirs(OURS)})

    assert member.error is None


async def test_preparing_is_tried_again_whatever_outside_failed_it():
    failures = [LogUnavailable("no answer"), PartitionTaken("moved"), RecordsGone("argus.ids[0]@1")]

    async def prepare(partitions: set[Partition]) -> None:
        if failures:
            raise failures.pop(0)
        member.sought.update(partitions)

    member = a_member(on_assigned=prepare, between_tries=0.001)
    await member.on_partitions_assigned({theirs(OURS)})
    await eventually(lambda: member.settling is None, within=2, pause=0.001)

    assert not failures
    assert member.error is None
    assert not member.fresh
