import pytest

from tests.eventually import eventually, eventually_blocking


class Countdown:
    def __init__(self, steps: int) -> None:
        self.steps = steps

    def __call__(self) -> bool:
        self.steps -= 1
        return self.steps < 0

    async def asked(self) -> bool:
        return self()


async def test_a_condition_that_comes_true_in_time_is_waited_for():
    assert await eventually(Countdown(3), within=5)
    assert await eventually(Countdown(3).asked, within=5)
    assert eventually_blocking(Countdown(3), within=5)


async def test_a_condition_that_stays_false_fails_at_the_deadline():
    with pytest.raises(AssertionError, match="did not come true within"):
        await eventually(lambda: False, within=0.05)


def test_a_failed_assertion_means_not_yet_and_is_shown_at_the_deadline():
    def condition() -> bool:
        raise AssertionError("two rows are missing")

    with pytest.raises(AssertionError, match="two rows are missing"):
        eventually_blocking(condition, within=0.05)
