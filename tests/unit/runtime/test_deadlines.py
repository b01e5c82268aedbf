import asyncio

from argus_runtime.kafka.deadlines import Deadlines
from tests.eventually import eventually


def futures(count):
    loop = asyncio.get_running_loop()
    return [loop.create_future() for _ in range(count)], loop.time()


async def test_what_is_not_done_at_its_deadline_is_late_and_nothing_else():
    (done, waiting, later), now = futures(3)
    late = []
    deadlines = Deadlines(0.01, lambda future, name: late.append((future, name)))
    for future, name, at in ((done, "done", now), (waiting, "waiting", now + 0.05), (later, "later", now + 60)):
        deadlines.add(at, future, name)
    done.set_result(None)

    await eventually(lambda: late)
    assert late == [(waiting, "waiting")]

    deadlines.close()
    assert late[1:] == [(later, "later")]


async def test_it_rests_when_nothing_waits():
    (first, second), now = futures(2)
    late = []
    deadlines = Deadlines(0.01, lambda _, name: late.append(name))
    deadlines.add(now, first, "first")
    await eventually(lambda: late and deadlines._timer is None)

    deadlines.add(now, second, "second")

    await eventually(lambda: late == ["first", "second"])


async def test_an_earlier_deadline_that_is_added_later_is_not_held_up():
    (slow, soon, rest), now = futures(3)
    late = []
    deadlines = Deadlines(0.01, lambda _, name: late.append(name))
    for future, name, at in ((slow, "slow", now + 60), (soon, "soon", now + 0.02), (rest, "rest", now + 0.01)):
        deadlines.add(at, future, name)

    await eventually(lambda: late == ["rest", "soon"])
    deadlines.close()
