"""How many passwords may be guessed: for an account from one address, from an address, and for an account by strangers.

An account is never shut for everybody: whoever failed on purpose could else keep its user out. Its failures count for
the address that they come from; those from addresses at which nobody has logged in to it lately count together, so that
many addresses guess little more than one, and shut out nobody but each other (OWASP does so by devices: "Slow Down
Online Guessing Attacks with Device Cookies"; programs that log in keep no cookies, but an address).

The counts are in PostgreSQL, not in each process: several instances of api would else allow as many times as much, and
a restart would forget. Nothing else is needed to log in either, so that PostgreSQL away costs no further login.
The rows are few however many names and addresses are tried: each stands for at least one Argon2 computation of the last
quarter of an hour, of which only so many fit into it, and those that are over are deleted at the next failure.
A success changes no count: whoever has an account of their own could else go on guessing others' for ever.
"""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import NamedTuple

from sqlalchemy import case, delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration.users import user_named
from argus_database.tables.accounts import UserRow
from argus_database.tables.logins import KnownAddressRow, LoginFailureRow

WINDOW = timedelta(minutes=15)
"""From the first failure; then they are forgotten."""
KNOWN_FOR = timedelta(days=30)
"""From the last login; then who comes from that address is a stranger again."""
MOST_OF_AN_ACCOUNT = 10
MOST_OF_STRANGERS = 30
MOST_OF_AN_ADDRESS = 50
"""Behind one address may be an office of people who mistype."""
MOST_DELETED = 1000
IPV6_PREFIX = 64
"""Bits of the address that a subscriber does not choose."""


class Key(NamedTuple):
    """Something that failures are counted for, how many there may be, and for which account if for one."""

    digest: str
    most: int
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How many failed logins are too many."""

    of_an_account: int = MOST_OF_AN_ACCOUNT
    """From one address."""
    of_an_address: int = MOST_OF_AN_ADDRESS
    """For all accounts."""
    of_strangers: int = MOST_OF_STRANGERS
    """For one account, from all addresses that are not known."""

    def keys(self, username: str, address: str, *, known: bool) -> Collection[Key]:
        """Return what a login counts for; `known`: this account has lately been used from this address."""
        account, subscriber = _account(username), _subscriber(address)
        keys = (
            # Names may have an @ and whatever follows it: only an address in front leaves no room for another reading.
            Key(_digest(f"account at:{subscriber} {username}"), self.of_an_account, account),
            Key(_address(address), self.of_an_address),
        )
        return keys if known else (*keys, Key(account, self.of_strangers, account))


async def seconds_to_wait(session: AsyncSession, keys: Collection[Key], now: datetime) -> int:
    """Return for how long nobody may log in under these keys; 0: one may."""
    row = LoginFailureRow
    found = await session.execute(
        select(row.key, row.failures, row.until).where(row.key.in_([key.digest for key in keys]), row.until > now)
    )
    most = {key.digest: key.most for key in keys}
    waits = [(until - now).total_seconds() for digest, failures, until in found if failures >= most[digest]]
    return ceil(max(waits, default=0))


async def count_failure(session: AsyncSession, keys: Collection[Key], now: datetime) -> None:
    """Count a failed login for each of the keys, and delete counts that are over."""
    row = LoginFailureRow
    # Its own it counts below, in an order that all keep; to lock one before would be out of that order.
    others = row.key.not_in([key.digest for key in keys])
    over = select(row.key).where(row.until <= now, others).limit(MOST_DELETED).with_for_update(skip_locked=True)
    await session.execute(delete(row).where(row.key.in_(over)))
    for key in sorted(keys):  # always in the same order, so that nobody waits in a circle
        first = insert(row).values(key=key.digest, failures=1, until=now + WINDOW, account=key.account)
        begins = row.until <= now
        await session.execute(
            first.on_conflict_do_update(
                index_elements=[row.key],
                set_={
                    "failures": case((begins, 1), else_=row.failures + 1),
                    "until": case((begins, first.excluded.until), else_=row.until),
                    "account": first.excluded.account,
                },
            )
        )


async def forget_failures(session: AsyncSession, username: str, address: str | None = None) -> None:
    """Let a user try again, from anywhere; with `address` also whoever else failed from there.

    Raises:
        Refused: there is no such user.
    """
    await user_named(session, username)
    row = LoginFailureRow
    all_of_them = None if address is None else _address(address)
    await session.execute(delete(row).where(or_(row.account == _account(username), row.key == all_of_them)))


async def is_known(session: AsyncSession, username: str, address: str, now: datetime) -> bool:
    """Tell whether somebody has lately logged in to this account from this address."""
    row = KnownAddressRow
    theirs = (row.user_id == UserRow.id, UserRow.username == username, row.address == _address(address))
    return bool(await session.scalar(select(exists().where(*theirs, row.until > now))))


async def note_address(session: AsyncSession, user: int, address: str, now: datetime) -> None:
    """Keep for a month that a user has logged in from an address; its addresses that are over go."""
    row = KnownAddressRow
    await session.execute(delete(row).where(row.user_id == user, row.until <= now))
    known = insert(row).values(user_id=user, address=_address(address), until=now + KNOWN_FOR)
    again = {"until": known.excluded.until}
    await session.execute(known.on_conflict_do_update(index_elements=[row.user_id, row.address], set_=again))


def _account(username: str) -> str:
    return _digest(f"account:{username}")


def _address(address: str) -> str:
    return _digest(f"address:{_subscriber(address)}")


def _digest(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()


def _subscriber(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        mapped = ip.ipv4_mapped
        return str(mapped or ipaddress.ip_network((int(ip), IPV6_PREFIX), strict=False))
    return str(ip)
