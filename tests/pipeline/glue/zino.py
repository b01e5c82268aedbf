"""Zino as its two text protocols show it: cases with attributes, logs and histories, and notifications of changes."""

import asyncio
import random
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha1

USER, SECRET = "glue", "zino-secret"
PORT, NOTIFICATIONS = 8001, 8002
CHALLENGE, KEY = "c" * 40, "k" * 40


@dataclass
class ZinoCase:
    """A case: a router that cannot be reached, or a port that is down."""

    number: int
    attributes: dict[str, str]
    opened: int = field(default_factory=lambda: int(time.time()) - 60)
    state: str = "open"
    history: list[tuple[int, str, list[str]]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the attributes as the protocol has them."""
        said = {"id": self.number, "opened": self.opened, "updated": self.opened, "state": self.state, "priority": 200}
        return [f"{name}: {value}" for name, value in {**said, **self.attributes}.items()]

    def note(self, header: str, *lines: str, at: int | None = None) -> None:
        """Add an entry to the history."""
        self.history.append((at or int(time.time()), header, list(lines)))


class Zino:
    """A Zino; its ports are fixed by the protocol's clients, so it has an address of this machine of its own."""

    def __init__(self) -> None:
        self.host = f"127.{random.randint(1, 254)}.{random.randint(1, 254)}.{random.randint(2, 254)}"
        self.cases: dict[int, ZinoCase] = {}
        self.tied = 0
        """How many glue services have asked for notifications."""
        self._listeners: list[StreamWriter] = []
        self._writers: list[StreamWriter] = []

    def open(self, number: int, **attributes: str) -> ZinoCase:
        """Let a case begin."""
        self.cases[number] = case = ZinoCase(number, attributes)
        case.note("state change embryonic -> open (monitor)", at=case.opened)
        return case

    def notify(self, number: int, kind: str, what: str = "") -> None:
        """Tell those who listen that a case has changed."""
        for listener in self._listeners:
            listener.write(f"{number} {kind} {what}\r\n".encode())

    def close(self, number: int) -> None:
        """Let a case end."""
        case = self.cases[number]
        self.notify(number, "state", f"{case.state} closed")
        case.state = "closed"
        case.note("state change open -> closed (monitor)")

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Zino"]:
        servers = [
            await asyncio.start_server(self._serve, self.host, PORT),
            await asyncio.start_server(self._announce, self.host, NOTIFICATIONS),
        ]
        try:
            yield self
        finally:
            for server in servers:
                server.close()
            for writer in self._writers:
                writer.close()
                with suppress(ConnectionError):
                    await writer.wait_closed()

    async def _announce(self, _reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(f"{KEY} http://localhost/?\r\n".encode())
        self._listeners.append(writer)
        self._writers.append(writer)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._writers.append(writer)
        writer.write(f"200 {CHALLENGE} Hello, there\r\n".encode())
        while line := (await reader.readline()).decode():
            command, *words = line.split()
            answer = [line async for line in self._answer(command, words, reader, writer)]
            writer.write("".join(f"{line}\r\n" for line in answer).encode())

    async def _answer(
        self, command: str, words: list[str], reader: StreamReader, writer: StreamWriter
    ) -> AsyncIterator[str]:
        match command:
            case "user":
                right = sha1(f"{CHALLENGE} {SECRET}".encode()).hexdigest()  # the protocol says so
                yield "200 ok" if words[:2] == [USER, right] else "500 Authentication failure"
            case "ntie":
                self.tied += 1
                yield "200 ok"
            case "caseids":
                for line in ("304 list of active cases follows, terminated with '.'", *map(str, self.cases), "."):
                    yield line
            case "getattrs" | "gethist" | "getlog":
                for line in self._told(command, self.cases[int(words[0])]):
                    yield line
            case "setstate":
                self.cases[int(words[0])].state = words[1]
                yield "200 ok"
            case "addhist":
                writer.write(b"302 please provide new history entry, terminate with '.'\r\n")
                text = (await reader.readuntil(b"\r\n.\r\n")).decode().removesuffix(".\r\n").split("\r\n")
                self.cases[int(words[0])].note(USER, *filter(None, text))
                yield "200 ok"
            case _:
                yield f"500 Unknown command: {command!r}"

    @staticmethod
    def _told(command: str, case: ZinoCase) -> list[str]:
        if command == "getattrs":
            return ["303 simple attributes follow, terminated with '.'", *case.lines(), "."]
        if command == "getlog":
            return ["300 log follows, terminated with '.'", *(f"{case.opened} {line}" for line in case.log), "."]
        entries = [f"{at} {header}" + "".join(f"\r\n {line}" for line in lines) for at, header, lines in case.history]
        return ["301 history follows, terminated with '.'", *entries, "."]
