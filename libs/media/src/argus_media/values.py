"""Values that settings of several media have: addresses, and the number of a telephone."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from argus_schemas.base import Text

ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"]{1,255}")
PHONE_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_BETWEEN_DIGITS = re.compile(r"[ ().-]")
SPACE = re.compile(r"[\s\x00-\x1f\x7f]")


def one_spelling(address: str) -> str:
    """Return a mail address with its domain in lowercase, where case means nothing (RFC 5321, 2.4)."""
    mailbox, at, domain = address.rpartition("@")
    return mailbox + at + domain.lower()


def is_web_address(text: str, schemes: tuple[str, ...] = ("http", "https")) -> bool:
    """Tell whether this is an address with a host and one of the schemes."""
    parts = urlsplit(text)
    return parts.scheme in schemes and bool(parts.hostname) and not SPACE.search(text)


def _address(text: str) -> str:
    if not ADDRESS.fullmatch(text):
        raise ValueError("Enter a valid email address.")
    return one_spelling(text)


def _web_address(text: str) -> str:
    if not is_web_address(text):
        raise ValueError("Enter a valid URL.")
    return text


def _phone_number(text: str) -> str:
    """Return the number as E.164 has it: without what only parts its digits."""
    number = _BETWEEN_DIGITS.sub("", text)
    if not PHONE_NUMBER.fullmatch(number):
        raise ValueError("Enter a valid phone number (e.g. +12125552368).")
    return number


MailAddress = Annotated[Text, Field(max_length=320), AfterValidator(_address)]
WebAddress = Annotated[Text, AfterValidator(_web_address)]
PhoneNumber = Annotated[Text, Field(max_length=40), AfterValidator(_phone_number)]
