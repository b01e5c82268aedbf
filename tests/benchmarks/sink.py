"""An SMTP server in a process of its own that keeps only when each mail came: a line of JSON each, on its output."""

import asyncio
import json
import re
import sys
import time

from aiosmtpd.smtp import SMTP, Envelope, Session

_ID_THERE = re.compile(rb"Id there: (\S+)")


class Sink:
    """Takes every mail and tells its time."""

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Tell when a mail came, and of which incident."""
        content = envelope.content or b""
        found = _ID_THERE.search(content if isinstance(content, bytes) else content.encode())
        line = json.dumps({"at": time.time(), "incident": found[1].decode() if found else ""})
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        return "250 taken"


async def serve(port: int) -> None:
    """Take mail until the process ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), hostname="localhost", loop=loop), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
