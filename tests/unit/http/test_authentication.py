import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from argus_database.configuration.tokens import digest_of
from argus_http.authentication import Tokens
from argus_http.errors import NotAuthenticated, Unavailable
from argus_http.principals import Account, Principal

ALICE = Principal(7, "alice")


@dataclass
class FakeAccounts:
    accounts: dict[str, Account] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    away: bool = False
    now: float = 0.0

    async def look_up(self, digest: str) -> Account | None:
        self.asked.append(digest)
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable("away")
        return self.accounts.get(digest)

    async def forget(self, digest: str) -> None:
        self.forgotten.append(digest)
        self.accounts.pop(digest, None)

    def knows(self, **account: object) -> None:
        self.accounts[digest_of("key")] = Account(ALICE, **account)  # type: ignore[arg-type]


@pytest.fixture
def accounts() -> FakeAccounts:
    return FakeAccounts()


@pytest.fixture
def tokens(accounts: FakeAccounts) -> Tokens:
    return Tokens(accounts.look_up, forget=accounts.forget, clock=lambda: accounts.now)


async def refused(tokens: Tokens, header: str | None) -> str:
    with pytest.raises(NotAuthenticated) as refusal:
        await tokens.holder(header)
    assert (refusal.value.status, refusal.value.headers) == (401, {"WWW-Authenticate": "Token"})
    return str(refusal.value.body["detail"])


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (None, "Authentication credentials were not provided."),
        ("", "Authentication credentials were not provided."),
        ("Bearer key", "Authentication credentials were not provided."),
        ("Token", "Invalid token header. No credentials provided."),
        ("Token two words", "Invalid token header. Token string should not contain spaces."),
        ("Token unknown", "Invalid token."),
    ],
)
async def test_who_cannot_be_told_is_refused_in_arguss_words(tokens, header, detail):
    assert await refused(tokens, header) == detail


async def test_the_holder_of_a_token_is_found_by_its_digest_alone(tokens, accounts):
    accounts.knows()

    assert await tokens.holder("Token key") == ALICE
    assert accounts.asked == [digest_of("key")]


async def test_an_inactive_user_is_refused(tokens, accounts):
    accounts.knows(active=False)

    assert await refused(tokens, "Token key") == "User inactive or deleted."


async def test_an_expired_token_is_named_so_once_and_then_is_none(tokens, accounts):
    accounts.knows(expires_at=datetime.now(UTC) - timedelta(seconds=1), kind="drf")

    assert await refused(tokens, "Token key") == "Token has expired."
    assert await refused(tokens, "Token key") == "Invalid token."


async def test_an_expired_login_is_none(tokens, accounts):
    accounts.knows(expires_at=datetime.now(UTC) - timedelta(seconds=1), kind="knox")

    assert await refused(tokens, "Token key") == "Invalid token."


async def test_a_token_is_believed_for_five_seconds(tokens, accounts):
    accounts.knows()
    await tokens.holder("Token key")

    accounts.knows(active=False)
    accounts.now = 4.9
    assert await tokens.holder("Token key") == ALICE
    accounts.now = 5.0
    assert await refused(tokens, "Token key") == "User inactive or deleted."


async def test_many_who_come_at_once_are_looked_up_once(tokens, accounts):
    accounts.knows()

    await asyncio.gather(*(tokens.holder("Token key") for _ in range(20)))

    assert len(accounts.asked) == 1


async def test_nobody_is_refused_because_nobody_can_say(tokens, accounts):
    accounts.away = True

    with pytest.raises(Unavailable) as answer:
        await tokens.holder("Token key")

    assert (answer.value.status, bool(answer.value.headers["Retry-After"])) == (503, True)


async def test_what_changed_is_asked_for_anew_even_where_it_was_being_asked_for(tokens, accounts):
    accounts.knows()
    before = asyncio.create_task(tokens.holder("Token key"))
    for _ in range(2):  # it asks, and has no answer yet
        await asyncio.sleep(0)
    assert accounts.asked
    assert not before.done()

    tokens.remembered.forget_user(ALICE.pk)
    assert await before == ALICE  # who came before the change
    accounts.knows(active=False)

    assert await refused(tokens, "Token key") == "User inactive or deleted."


@pytest.mark.parametrize(("user", "asked"), [(ALICE.pk, 2), (None, 2), (8, 1)])
async def test_a_change_of_a_user_is_about_that_user(tokens, accounts, user, asked):
    accounts.knows()
    await tokens.holder("Token key")
    tokens.remembered.forget_user(user)
    await tokens.holder("Token key")
    assert len(accounts.asked) == asked
