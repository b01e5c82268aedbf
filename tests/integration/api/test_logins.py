"""Passwords cannot be guessed: not fast, not for long, and not whose they are."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from argon2 import extract_parameters
from prometheus_client import REGISTRY
from sqlalchemy import func, select

from argus_database.configuration import login_limits, passwords
from argus_database.configuration.login_limits import Limits, forget_failures
from argus_database.configuration.users import add_user, renew_hash, set_active
from argus_database.tables.accounts import UserRow
from argus_database.tables.logins import KnownAddressRow, LoginFailureRow
from argus_http.server import serve
from tests.eventually import eventually
from tests.integration.api.instance import an_api, client

CAROL = {"username": "carol", "password": "right"}
ENDPOINTS = ("/api/v2/token-auth/", "/api/v2/auth/token/login/", "/accounts/login/")
FEW = Limits(of_an_account=3, of_an_address=5, of_strangers=4)
MANY = Limits(1000, 1000, 1000)
CHEAP = passwords.Hasher(time_cost=1, memory_cost=64, parallelism=1)
"""So that a test is not about how long a hash takes."""


class Clock:
    """The time, as a test moves it."""

    def __init__(self):
        self.now = datetime.now(UTC)

    def __call__(self):
        return self.now


@pytest.fixture
async def carol(sessions):
    async with sessions.begin() as session:
        user = await add_user(session, "carol")
        user.password = CHEAP.hash(CAROL["password"])
        return user.id


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def api(sessions, clock):
    return an_api(sessions, limits=FEW, clock=clock, hasher=CHEAP)


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
    async with client(api) as http:
        answer = await http.post(path, json=CAROL)
        clock.now += timedelta(minutes=14, seconds=59)
        still = await http.post(path, json=CAROL)
        clock.now += timedelta(seconds=1)
        over = await http.post(path, json=CAROL)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "900")
    assert answer.json() == {"detail": "Request was throttled. Expected available in 900 seconds."}
    assert (still.status_code, still.json()["detail"][-9:]) == (429, "1 second.")
    assert over.status_code in {200, 204}


async def test_the_limit_of_an_account_holds_for_all_endpoints_and_instances(api, carol, sessions, clock):
    other = an_api(sessions, limits=FEW, clock=clock, hasher=CHEAP)
    assert await statuses(api, "1") == [400]
    assert await statuses(api, "2", path=ENDPOINTS[1]) == [403]
    assert await statuses(other, "3") == [400]
    assert await statuses(other, "right") == [429]
    assert await statuses(api, "x", username="dave") == [400]


async def test_who_guesses_at_one_address_keeps_nobody_out_at_another(api, carol):
    assert await statuses(api, "1", "2", "3", "right") == [400, 400, 400, 429]
    assert await statuses(api, "right", address="198.51.100.9") == [200]


async def test_strangers_at_many_addresses_guess_hardly_more_than_one_and_keep_out_only_each_other(api, carol, clock):
    home = "198.51.100.9"
    assert await statuses(api, "right", address=home) == [200]
    for number in range(4):
        assert await statuses(api, "x", address=f"192.0.2.{number}") == [400]
    assert await statuses(api, "right", address="203.0.113.1") == [429]
    assert await statuses(api, "wrong", "right", address=home) == [400, 200]

    clock.now += login_limits.KNOWN_FOR
    for number in range(4):
        assert await statuses(api, "x", address=f"192.0.2.{number}") == [400]
    assert await statuses(api, "right", address=home) == [429]


@pytest.mark.parametrize("home", ["192.0.2.1", "2001:db8:1:2::1"])
async def test_names_that_are_made_up_keep_nobody_out_at_their_own_address(api, carol, home):
    for name in ("carol@192.0.2.1", "carol@2001:db8:1:2::/64"):
        await statuses(api, "1", "2", "3", username=name, address="198.51.100.9")
    assert await statuses(api, "right", address=home) == [200]


async def test_at_a_known_address_too_only_so_many_may_be_guessed(api, carol):
    assert await statuses(api, "right", "1", "2", "3", "right") == [200, 400, 400, 400, 429]


async def test_only_who_logged_in_makes_an_address_known(api, carol, sessions):
    async with sessions.begin() as session:
        dave = await add_user(session, "dave")
        dave.password = CHEAP.hash("right")
    await statuses(api, "wrong")
    await statuses(api, "right", username="dave")
    async with sessions() as session:
        assert (await session.scalars(select(KnownAddressRow.user_id))).all() == [dave.id]


async def test_who_was_unlocked_may_try_again_and_nobody_else(api, carol, sessions):
    office = "192.0.2.1"
    assert await statuses(api, "1", "2", "3", "right", address=office) == [400, 400, 400, 429]
    assert await statuses(api, "1", "2", "3", "4", username="dave", address="192.0.2.7") == [400, 400, 400, 429]
    async with sessions.begin() as session:
        await forget_failures(session, "carol")
    assert await statuses(api, "1", "2", "right", address=office) == [400, 400, 429]  # five have failed there

    async with sessions.begin() as session:
        await forget_failures(session, "carol", office)
    assert await statuses(api, "right", address=office) == [200]
    assert await statuses(api, "x", username="dave", address="192.0.2.7") == [429]


async def test_what_a_version_before_counted_for_an_account_is_forgotten_too(api, carol, sessions, clock):
    (key,) = [key for key in FEW.keys("carol", "192.0.2.1", known=False) if key.digest == key.account]
    async with sessions.begin() as session:
        session.add(LoginFailureRow(key=key.digest, failures=key.most - 1, until=clock.now + login_limits.WINDOW))
    assert await statuses(api, "wrong", "right") == [400, 429]
    async with sessions.begin() as session:
        await forget_failures(session, "carol")
    assert await statuses(api, "right") == [200]


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
    assert len(keys) == 15  # of each name, of each address, of both
    assert {len(key) for key in keys} == {64}

    clock.now += login_limits.WINDOW
    await statuses(api, "x", username="last")
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(LoginFailureRow)) == 3


class Costs(passwords.Hasher):
    """Computes hashes, and notes what each computation costs."""

    def __init__(self):
        super().__init__()
        self.noted = []

    def verify(self, hash, password):  # noqa: A002  the library's word
        self.noted.append(extract_parameters(hash))
        return super().verify(hash, password)


@pytest.mark.parametrize("username", ["carol", "nobody", "source", "gone"])
async def test_a_refusal_costs_the_same_whoever_there_is(sessions, username):
    async with sessions.begin() as session:
        await add_user(session, "carol", password="right")
        await add_user(session, "source")  # without a password
        await add_user(session, "gone", password="right")
        await set_active(session, "gone", active=False)
    costs = Costs()
    api = an_api(sessions, hasher=costs)

    assert await statuses(api, "right" if username == "gone" else "x", username=username) == [400]
    assert costs.noted == [extract_parameters(passwords.HASHER.hash(""))]


async def test_a_hash_of_other_parameters_is_renewed_when_its_user_logs_in(sessions, carol):
    async def kept():
        async with sessions() as session:
            return await session.scalar(select(UserRow.password).where(UserRow.id == carol))

    api = an_api(sessions, hasher=passwords.Hasher(time_cost=2, memory_cost=128, parallelism=1))
    before = await kept()
    assert await statuses(api, "wrong") == [400]
    assert await kept() == before

    assert await statuses(api, "right") == [200]
    renewed = await kept()
    assert (extract_parameters(renewed).time_cost, extract_parameters(renewed).memory_cost) == (2, 128)
    assert await statuses(api, "right", "wrong") == [200, 400]
    assert await kept() == renewed


async def test_a_password_that_was_changed_meanwhile_is_not_put_back(sessions, carol):
    async with sessions.begin() as session:
        await renew_hash(session, carol, "what was kept before", "another")
    async with sessions() as session:
        assert await passwords.fits(CAROL["password"], (await session.get_one(UserRow, carol)).password)


class Held(passwords.Hasher):
    """Computes nothing until it is let go."""

    def __init__(self):
        super().__init__(time_cost=1, memory_cost=64, parallelism=1)
        self.let_go = threading.Event()

    def verify(self, hash, password):  # noqa: A002  the library's word
        self.let_go.wait(60)
        return super().verify(hash, password)


async def test_a_storm_of_logins_delays_nobody_else_and_has_an_end(sessions, carol, people):
    held = Held()
    api = an_api(sessions, limits=MANY, most_waiting=10, hasher=held)
    storm = [asyncio.create_task(statuses(api, "x")) for _ in range(50)]
    try:
        await eventually(lambda: sum(task.done() for task in storm) == 40)
        async with client(api) as http:
            assert (await http.get("/api/v2/auth/user/", headers=people["alice"])).status_code == 200
    finally:
        held.let_go.set()
    found = [status for task in storm for status in await task]
    assert (found.count(503), found.count(400)) == (40, 10)


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
