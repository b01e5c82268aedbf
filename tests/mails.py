"""A real SMTP server whose mails a test reads; it can go away and come back on the same port."""

import email
import email.policy
import re
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from argus_local.mailbox import mailbox
from argus_local.ports import free_port

_WHAT = re.compile(r"^What: .*\((\w{3})\)", re.MULTILINE)
_ID_THERE = re.compile(r"^Id there: (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Mail:
    """A mail as it arrived."""

    message_id: str
    to: str
    subject: str
    text: str

    @property
    def type(self) -> str:
        """The type of the event that it tells of: STA, END…"""
        found = _WHAT.search(self.text)
        return found[1] if found else ""

    @property
    def incident(self) -> str:
        """The source's own id of the incident."""
        found = _ID_THERE.search(self.text)
        return found[1].strip() if found else ""


class Mails:
    """The mails that arrived, in order."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._read: dict[Path, Mail] = {}
        self._server = AsyncExitStack()

    async def come(self) -> None:
        """Start to take mail."""
        await self._server.enter_async_context(mailbox(self._folder, self.port, lambda _line: None))

    async def go_away(self) -> None:
        """Stop to take mail; what arrived stays."""
        await self._server.aclose()
        self._server = AsyncExitStack()

    def all(self) -> list[Mail]:
        """Return all mails in the order of their arrival."""
        for path in sorted(self._folder.glob("*.eml")):
            if path not in self._read:
                self._read[path] = _parsed(path.read_bytes())
        return list(self._read.values())

    def to(self, address: str) -> list[Mail]:
        """Return the mails to one address."""
        return [mail for mail in self.all() if mail.to == address]

    def once(self) -> dict[str, Mail]:
        """Return one mail for each Message-ID."""
        return {mail.message_id: mail for mail in self.all()}

    def by_incident(self, address: str = "") -> dict[str, list[str]]:
        """Return for each source incident id the types of its mails, to one or all, in order, repeats left out."""
        seen: set[str] = set()
        types: dict[str, list[str]] = defaultdict(list)
        for mail in self.to(address) if address else self.all():
            if mail.message_id not in seen:
                seen.add(mail.message_id)
                types[mail.incident].append(mail.type)
        return types


def _parsed(raw: bytes) -> Mail:
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    body = parsed.get_body(("plain",))
    text = body.get_content() if body else ""
    return Mail(parsed["message-id"], parsed["to"], parsed["subject"], text.replace("\r\n", "\n"))
