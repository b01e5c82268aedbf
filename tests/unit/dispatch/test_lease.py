"""Whether our partitions are still ours."""

import asyncio

from argus_dispatch.lease import Lease


class Seconds:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_lease_holds_for_its_time_after_what_the_group_was_asked():
    clock = Seconds()
    lease = Lease(5, clock)
    assert not lease.holds

    clock.now = 110
    lease.renew(107)
    assert lease.holds
    clock.now = 112
    assert not lease.holds


def test_an_answer_to_an_older_question_does_not_shorten_it():
    clock = Seconds()
    lease = Lease(5, clock)
    lease.renew(100)
    lease.renew(97)

    clock.now = 104
    assert lease.holds


async def test_who_waits_goes_on_when_it_is_renewed_and_not_by_a_renewal_that_is_over():
    clock = Seconds()
    lease = Lease(5, clock)
    waiting = asyncio.create_task(lease.held())
    await asyncio.sleep(0)
    lease.renew(90)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()

    lease.renew(100)
    await waiting
