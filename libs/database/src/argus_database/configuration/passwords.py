"""Passwords, kept as argon2 hashes."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()


async def hashed(password: str) -> str:
    """Return what to keep instead of `password`; computed beside the event loop, since it takes long on purpose."""
    return await asyncio.to_thread(_HASHER.hash, password)


async def fits(password: str, kept: str | None) -> bool:
    """Tell whether `kept` is the hash of `password`; without a hash nothing fits."""
    if kept is None:
        return False
    try:
        return await asyncio.to_thread(_HASHER.verify, kept, password)
    except (VerificationError, InvalidHashError):
        return False
