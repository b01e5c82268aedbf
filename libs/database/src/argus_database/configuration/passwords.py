"""Passwords, kept as argon2 hashes."""

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2
"""Each takes 64 MiB and some processors for as long as it lasts."""

Hasher = PasswordHasher
HASHER = Hasher()
"""With the parameters that its library recommends today; hashes of others are renewed at the next login."""
_THREADS = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")


async def hashed(password: str, hasher: Hasher = HASHER) -> str:
    """Return what to keep instead of `password`; computed beside the event loop, since it takes long on purpose."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, hasher.hash, password)


async def fits(password: str, kept: str | None, hasher: Hasher = HASHER) -> bool:
    """Tell whether `kept` is the hash of `password`; without a hash nothing fits, and that takes as long."""
    compared = kept or _of_nobody(hasher)
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _fits, password, compared, hasher)


def is_outdated(kept: str, hasher: Hasher = HASHER) -> bool:
    """Tell whether `kept` was computed with other parameters than those of `hasher`."""
    return hasher.check_needs_rehash(kept)


def _fits(password: str, kept: str, hasher: Hasher) -> bool:
    try:
        return hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def _of_nobody(hasher: Hasher) -> str:
    """Return a hash that costs as much as any and that no password has."""
    kind, version = "$argon2id", "$v=19"
    costs = f"$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, digest = (base64.b64encode(bytes(size)).decode().rstrip("=") for size in (hasher.salt_len, hasher.hash_len))
    return f"{kind}{version}{costs}${salt}${digest}"
