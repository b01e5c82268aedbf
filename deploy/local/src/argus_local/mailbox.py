"""An SMTP server that catches every mail: a file each, and a line on the screen."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST = 32 * 1024 * 1024


class Mailbox:
    """Keeps each mail as a file in `folder`."""

    def __init__(self, folder: Path, arrived: Callable[[str], None]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._arrived = arrived

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one mail; aiosmtpd calls it by this name."""
        content = envelope.content or b""
        data = content.encode() if isinstance(content, str) else content
        path = self._folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{uuid4().hex[:6]}.eml"
        partial = path.with_suffix(".part")
        try:
            partial.write_bytes(data)
            partial.replace(path)
        except OSError as error:  # a full disk, say; the library would refuse it for ever
            return f"452 the mail cannot be kept: {error.strerror}"
        subject = email.message_from_bytes(data, policy=email.policy.default)["subject"]
        self._arrived(f"mail to {', '.join(envelope.rcpt_tos)}: {str(subject or '').strip()}  ({path})")
        return "250 kept"


@asynccontextmanager
async def mailbox(folder: Path, port: int, arrived: Callable[[str], None]) -> AsyncIterator[None]:
    """Catch mail on a port of 127.0.0.1 for the length of a block."""
    loop = asyncio.get_running_loop()
    handler = Mailbox(folder, arrived)

    def protocol() -> SMTP:
        return SMTP(handler, hostname="localhost", enable_SMTPUTF8=True, data_size_limit=LARGEST, loop=loop)

    server = await loop.create_server(protocol, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
