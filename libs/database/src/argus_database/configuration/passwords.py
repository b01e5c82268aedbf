"""Passwords, kept as argon2 hashes."""

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2
"""Each takes 64 MiB and some processors for as long as it lasts."""

_HASHER = PasswordHasher()
_THREADS = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")


def _of_nobody() -> str:
    """Return a hash that costs as much as any and that no password has."""
    kind, version = "$argon2id", "$v=19"
    costs = f"$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    salt, digest = (base64.b64encode(bytes(size)).decode().rstrip("=") for size in (_HASHER.salt_len, _HASHER.hash_len))
    return f"{kind}{version}{costs}${salt}${digest}"


_NOBODY = _of_nobody()


async def hashed(password: str) -> str:
    """Return what to keep instead of `password`; computed beside the event loop, since it takes long on purpose."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, password)


async def fits(password: str, kept: str | None) -> bool:
    """Tell whether `kept` is the hash of `password`; without a hash nothing fits, and that takes as long."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _fits, password, kept or _NOBODY)


def _fits(password: str, kept: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
