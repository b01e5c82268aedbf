"""How many passwords may be guessed, for an account and from an address.

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

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.tables.logins import LoginFailureRow

WINDOW = timedelta(minutes=15)
"""From the first failure; then they are forgotten."""
MOST_OF_AN_ACCOUNT = 10
MOST_OF_AN_ADDRESS = 50
"""Behind one address may be an office of people who mistype."""
MOST_DELETED = 1000
IPV6_PREFIX = 64
"""Bits of the address that a subscriber does not choose."""


class Key(NamedTuple):
    """Something that failures are counted for, and how many there may be."""

    digest: str
    most: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How many failed logins are too many."""

    of_an_account: int = MOST_OF_AN_ACCOUNT
    of_an_address: int = MOST_OF_AN_ADDRESS

    def keys(self, username: str, address: str) -> Collection[Key]:
        """Return what a login counts for."""
        return (
            Key(_digest(f"account:{username}"), self.of_an_account),
            Key(_digest(f"address:{_subscriber(address)}"), self.of_an_address),
        )


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
        first = insert(row).values(key=key.digest, failures=1, until=now + WINDOW)
        begins = row.until <= now
        await session.execute(
            first.on_conflict_do_update(
                index_elements=[row.key],
                set_={
                    "failures": case((begins, 1), else_=row.failures + 1),
                    "until": case((begins, first.excluded.until), else_=row.until),
                },
            )
        )


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
