"""How much a source may write over HTTP."""

import pytest

from argus_http.principals import Principal
from argus_ingest.web.rates import MOST_BUCKETS, Rates, Throttled
from argus_schemas.incident import Source


class FakeClock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def a_source(pk: int = 1) -> Principal:
    source = Source(pk=pk, name=f"nav{pk}", type="nav", user=pk, username=f"nav{pk}")
    return Principal(pk, source.username, source=source)


def throttled(rates: Rates, cost: int = 1, pk: int = 1) -> Throttled:
    with pytest.raises(Throttled) as caught:
        rates.take(a_source(pk), cost)
    return caught.value


def test_a_burst_passes_and_the_next_waits_for_the_rate():
    clock = FakeClock()
    rates = Rates(2, 5, clock)
    for _ in range(5):
        rates.take(a_source())

    error = throttled(rates)
    clock.now += 0.5
    rates.take(a_source())

    assert (error.status, error.headers) == (429, {"Retry-After": "1"})
    assert error.body == {"detail": "Request was throttled. Expected available in 1 second."}


def test_one_source_does_not_pay_for_another():
    rates = Rates(1, 1, FakeClock())
    rates.take(a_source(1))

    throttled(rates, pk=1)
    rates.take(a_source(2))


def test_a_pause_earns_a_burst_and_no_more():
    clock = FakeClock()
    rates = Rates(10, 20, clock)
    rates.take(a_source(), 20)
    clock.now += 3_600

    rates.take(a_source(), 20)

    assert throttled(rates).headers["Retry-After"] == "1"


def test_a_request_beyond_a_burst_passes_when_the_bucket_is_full_and_is_paid_off_before_the_next():
    clock = FakeClock()
    rates = Rates(10, 20, clock)

    rates.take(a_source(), 120)

    assert throttled(rates).headers["Retry-After"] == "11"
    assert throttled(rates, 500).body == {"detail": "Request was throttled. Expected available in 12 seconds."}
    clock.now += 12
    rates.take(a_source(), 20)


def test_what_is_refused_costs_nothing():
    clock = FakeClock()
    rates = Rates(1, 10, clock)
    rates.take(a_source(), 10)
    for _ in range(1_000):
        throttled(rates, 5)
    clock.now += 5

    rates.take(a_source(), 5)


def test_people_and_a_rate_of_zero_are_without_limit():
    rates, unlimited = Rates(1, 1, FakeClock()), Rates(0, 0, FakeClock())
    for _ in range(1_000):
        rates.take(Principal(7, "alice"), 1_000)
        unlimited.take(a_source(), 1_000)


def test_buckets_of_sources_that_are_quiet_again_are_forgotten():
    clock = FakeClock()
    rates = Rates(1, 10, clock)
    for pk in range(1, MOST_BUCKETS + 1):
        rates.take(a_source(pk))
    clock.now += 1
    rates.take(a_source(MOST_BUCKETS), 10)

    rates.take(a_source(MOST_BUCKETS + 1))

    assert len(rates._buckets) == 2
    throttled(rates, pk=MOST_BUCKETS)
