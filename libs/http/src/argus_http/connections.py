"""Connections that end where a client sends too slowly, too much, or what is no HTTP.

uvicorn waits for ever for the rest of a request, and keeps what it has of it. Here a request has to arrive at some
pace, its head is of limited size, and of a body that nobody wants any more only so much is read.
"""

import time
from http import HTTPStatus

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

SECONDS = 20.0
"""For a request to arrive, and one more for each `PACE` bytes of it."""

PACE = 32 * 1024
LARGEST_HEAD = 64 * 1024
"""Bytes before the body."""

MOST_IGNORED = 16 * 1024 * 1024
"""Bytes of a body that are read after its answer, so that a client that sends first and reads then sees the answer."""


SECONDS_TO_LINGER = 2.0
"""After a refusal, for a client that is still sending: it would not see the answer if the connection ended."""


class TooLargeHead(ValueError):
    """What comes before the body takes too much room."""


class Connection(HttpToolsProtocol):
    """One connection; `Server` asks each whether it is too slow."""

    seconds = SECONDS
    pace = PACE
    _since: float | None = None
    """When the request that is arriving began; None: none is."""
    _received = 0
    _ignored = 0
    _in_head = True
    _refused = False

    def connection_made(self, transport: object) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)  # type: ignore[arg-type]  # the protocol's own words
        self._since = time.monotonic()

    def data_received(self, data: bytes) -> None:
        """Take what has arrived."""
        if self._refused:
            return
        if self._since is None:
            self._since = time.monotonic()
        self._received += len(data)
        super().data_received(data)
        if self._in_head and self._received > LARGEST_HEAD:
            self._refuse(431, f"The head of a request may have {LARGEST_HEAD} bytes at most.")

    def on_message_begin(self) -> None:
        """Begin with a request; what arrived before belongs to the one before it."""
        super().on_message_begin()
        self._since, self._received, self._in_head = self._since or time.monotonic(), self._received or 1, True

    def on_headers_complete(self) -> None:
        """Let the application answer.

        Raises:
            TooLargeHead: not for a head like this; the parser stops.
        """
        if self._received > LARGEST_HEAD and self._size_of_head() > LARGEST_HEAD:
            raise TooLargeHead
        super().on_headers_complete()
        self._in_head = False

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body, for nothing where the answer has been sent."""
        if self.cycle.response_complete:
            self._ignored += len(body)
            if self._ignored > MOST_IGNORED:
                self.transport.close()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for nothing more of this request."""
        super().on_message_complete()
        self._since, self._received, self._ignored, self._in_head = None, 0, 0, True

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or a head that is too large."""
        if self._received > LARGEST_HEAD and self._in_head:
            self._refuse(431, f"The head of a request may have {LARGEST_HEAD} bytes at most.")
        else:
            self._refuse(400, msg)

    def end_if_slow(self, now: float) -> None:
        """Refuse a request that has been arriving for too long."""
        if self._since is not None and now - self._since > self.seconds + self._received / self.pace:
            self._refuse(408, "The request did not arrive in time.")

    def _size_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + len(b": \r\n") for name, value in self.headers)

    def _refuse(self, status: int, detail: str) -> None:
        """Answer, unless an answer is under way or nothing has been asked, and end the connection."""
        if self._refused or self.transport.is_closing():
            return
        self._refused, self._since = True, None
        if not self._received or self._has_answer():
            self.transport.close()
            return
        body = msgspec.json.encode({"detail": detail})
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.write_eof()
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.loop.call_later(SECONDS_TO_LINGER, self.transport.close)

    def _has_answer(self) -> bool:
        """Tell whether an answer is under way, or that of the request whose body still arrives has been sent."""
        if self.cycle is None:
            return False
        return not self._in_head if self.cycle.response_complete else self.cycle.response_started
