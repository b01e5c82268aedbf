"""Secrets of destinations, encrypted before they reach a row or a topic."""

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from argus_runtime.errors import SecretUnreadable

MARK = "argus1"
KEY_BYTES = 32
NONCE_BYTES = 12


class Secrets:
    """Encrypts with the first key and decrypts with all: AES-256-GCM, each secret bound to its place."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        self._keys = {key_id(key): AESGCM(key) for key in keys}
        self._first = key_id(keys[0]) if keys else None

    def encrypt(self, text: str, bound_to: str) -> str:
        """Return `text` so that only our keys can read it, and only at the place `bound_to`."""
        if self._first is None:
            raise SecretUnreadable("there is no key to encrypt with: set ARGUS_SECRET_KEYS")
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._keys[self._first].encrypt(nonce, text.encode(), _associated(self._first, bound_to))
        return f"{MARK}:{self._first}:{urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, token: str, bound_to: str) -> str:
        """Return the text of `token`.

        Raises:
            SecretUnreadable: its key is not ours, or it was made for another place or altered.
        """
        parts = token.split(":")
        if len(parts) != 3 or parts[0] != MARK:
            raise SecretUnreadable("this is not a secret of ours")
        key = self._keys.get(parts[1])
        if key is None:
            raise SecretUnreadable(f"no key {parts[1]} in ARGUS_SECRET_KEYS")
        try:
            sealed = urlsafe_b64decode(parts[2])
            return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _associated(parts[1], bound_to)).decode()
        except (InvalidTag, ValueError):
            raise SecretUnreadable(f"a secret of key {parts[1]} was altered, or is not of {bound_to}") from None


def is_secret(value: object) -> bool:
    """Tell whether `value` is an encrypted secret."""
    return isinstance(value, str) and value.startswith(f"{MARK}:")


def key_id(key: bytes) -> str:
    """Return the name under which a secret remembers its key."""
    return hashlib.sha256(key).hexdigest()[:8]


def new_key() -> str:
    """Return a new key as it stands in `ARGUS_SECRET_KEYS`."""
    return urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def _associated(key: str, bound_to: str) -> bytes:
    return f"{MARK}:{key}:{bound_to}".encode()
