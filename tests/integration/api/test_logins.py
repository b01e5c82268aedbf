"""Passwords cannot be guessed: not fast, not for long, and not whose they are."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, select

from argus_database.configuration import passwords
from argus_database.configuration.users import add_user
from argus_database.tables.logins import LoginFailureRow
from argus_http import login_limits
from argus_http.login_limits import Limits
from argus_http.server import serve
from tests.eventually import eventually
from tests.integration.api.instance import an_api, client

CAROL = {"username": "carol", "password": "right"}
ENDPOINTS = ("/api/v2/token-auth/", "/api/v2/auth/token/login/", "/accounts/login/")
FEW = Limits(of_an_account=3, of_an_address=5)


class Clock:
    """The time, as a test moves it."""

    def __init__(self):
        self.now = datetime.now(UTC)

    def __call__(self):
        return self.now


@pytest.fixture
async def carol(sessions):
    async with sessions.begin() as session:
        return (await add_user(session, "carol", password=CAROL["password"])).id


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def api(sessions, clock):
    return an_api(sessions, limits=FEW, clock=clock)


async def statuses(api, *passwords_, username="carol", address="192.0.2.1", path=ENDPOINTS[0], headers=None):
    async with client(api, address) as http:
        return [
            (await http.post(path, json={"username": username, "password": each}, headers=headers)).status_code
            for each in passwords_
        ]


@pytest.mark.parametrize("path", ENDPOINTS)
async def test_after_too_many_failures_the_right_password_is_refused_until_the_time_is_over(api, carol, clock, path):
    wrong = await statuses(api, "1", "2", "3", path=path)
    assert len(set(wrong)) == 1
    async with client(api, "198.51.100.9") as http:
        answer = await http.post(path, json=CAROL)
        clock.now += timedelta(minutes=14, seconds=59)
        still = await http.post(path, json=CAROL)
        clock.now += timedelta(seconds=1)
        over = await http.post(path, json=CAROL)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "900")
    assert answer.json() == {"detail": "Request was throttled. Expected available in 900 seconds."}
    assert (still.status_code, still.json()["detail"][-9:]) == (429, "1 second.")
    assert over.status_code in {200, 204}


async def test_the_limit_of_an_account_holds_for_all_addresses_endpoints_and_instances(api, carol, sessions, clock):
    other = an_api(sessions, limits=FEW, clock=clock)
    assert await statuses(api, "1", address="192.0.2.1") == [400]
    assert await statuses(api, "2", address="192.0.2.2", path=ENDPOINTS[1]) == [403]
    assert await statuses(other, "3", address="192.0.2.3") == [400]
    assert await statuses(other, "right", address="192.0.2.4") == [429]
    assert await statuses(api, "x", username="dave") == [400]


async def test_the_limit_of_an_address_holds_for_all_names_that_there_are_or_not(api, carol):
    for number in range(5):
        assert await statuses(api, "x", username=f"nobody{number}") == [400]
    assert await statuses(api, "right") == [429]
    assert await statuses(api, "right", address="192.0.2.2") == [200]


async def test_subscribers_with_a_whole_network_of_addresses_count_as_one(api):
    for number in range(5):
        assert await statuses(api, "x", username=f"u{number}", address=f"2001:db8:1:2::{number}") == [400]
    assert await statuses(api, "x", username="u9", address="2001:db8:1:2:ffff::") == [429]
    assert await statuses(api, "x", username="u9", address="2001:db8:1:3::1") == [400]


async def test_successes_are_not_counted_and_reset_nothing(api, carol):
    assert await statuses(api, *["right"] * 8) == [200] * 8
    assert await statuses(api, "1", "2", "right", "3", "right") == [400, 400, 200, 400, 429]


async def test_operators_see_how_many_logins_were_refused(api, carol):
    def counted():
        outcomes = ("accepted", "refused", "throttled")
        return [REGISTRY.get_sample_value("argus_api_logins_total", {"outcome": each}) or 0 for each in outcomes]

    before = counted()
    await statuses(api, "right", "1", "2", "3", "right")
    assert [now - then for now, then in zip(counted(), before, strict=True)] == [1, 3, 1]


async def test_many_guesses_at_once_are_no_more_than_can_be_computed_at_once(api, carol):
    found = await asyncio.gather(*(statuses(api, str(number)) for number in range(20)))
    assert sum(status == [400] for status in found) < FEW.of_an_account + passwords.AT_ONCE
    assert sum(status == [429] for status in found) > 20 - FEW.of_an_account - passwords.AT_ONCE


async def test_what_is_kept_of_failures_goes_when_it_is_over_and_names_nobody(api, sessions, clock):
    for number in range(5):
        await statuses(api, "x", username=f"u{number}", address=f"192.0.2.{number}")
    async with sessions() as session:
        keys = (await session.scalars(select(LoginFailureRow.key))).all()
    assert len(keys) == 10
    assert {len(key) for key in keys} == {64}

    clock.now += login_limits.WINDOW
    await statuses(api, "x", username="last")
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(LoginFailureRow)) == 2


async def test_who_there_is_cannot_be_told_from_the_time_that_a_refusal_takes(sessions, carol):
    api = an_api(sessions, limits=Limits(1000, 1000))

    async def fastest(username):
        taken = []
        for _ in range(5):
            before = time.process_time()  # of all threads of this process, so that neighbours do not count
            assert await statuses(api, "x", username=username) == [400]
            taken.append(time.process_time() - before)
        return min(taken)

    known, unknown = await fastest("carol"), await fastest("nobody")
    assert 0.5 < known / unknown < 2


async def test_a_storm_of_logins_delays_nobody_else_and_has_an_end(sessions, carol, people):
    api = an_api(sessions, limits=Limits(1000, 1000), most_waiting=10)
    storm = [asyncio.create_task(statuses(api, "x")) for _ in range(50)]
    longest = 0.0
    async with client(api) as http, asyncio.timeout(60):
        while not all(task.done() for task in storm):
            before = time.monotonic()
            assert (await http.get("/api/v2/auth/user/", headers=people["alice"])).status_code == 200
            longest = max(longest, time.monotonic() - before)
    assert longest < 2
    found = [status for task in storm for status in task.result()]
    assert set(found) == {400, 503}
    assert found.count(400) >= 10


@pytest.mark.parametrize(
    ("trusted", "expected"),
    [("127.0.0.1", [400] * 6), ("10.0.0.0/8", [400] * 5 + [429])],
    ids=["a trusted proxy names the caller", "others name nobody"],
)
async def test_the_address_is_the_peers_unless_a_trusted_proxy_names_another(api, free_port, trusted, expected):
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(api, "127.0.0.1", free_port, stop, trusted=trusted))
    found = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{free_port}") as http:
        for number in range(6):
            forged = {"X-Forwarded-For": f"192.0.2.{number}"}
            body = {"username": f"u{number}", "password": "x"}

            async def answer(headers=forged, body=body):
                try:
                    return await http.post(ENDPOINTS[0], json=body, headers=headers)
                except httpx.ConnectError:
                    return None

            found.append((await eventually(answer)).status_code)
    stop.set()
    await serving
    assert found == expected


async def test_through_a_trusted_proxy_what_a_caller_says_of_itself_does_not_count(api, free_port):
    """The proxy appends the address that it saw: only what is right of the last trusted one is believed."""
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(api, "127.0.0.1", free_port, stop, trusted="127.0.0.1"))
    found = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{free_port}") as http:
        for number in range(6):
            headers = {"X-Forwarded-For": f"203.0.113.{number}, 192.0.2.1"}
            answer = await http.post(ENDPOINTS[0], json={"username": f"u{number}", "password": "x"}, headers=headers)
            found.append(answer.status_code)
    stop.set()
    await serving
    assert found == [400] * 5 + [429]
