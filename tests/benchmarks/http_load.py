"""A load generator in a process of its own: keep-alive connections that ask, each as soon as it is answered.

It speaks just enough HTTP/1.1 to cost little beside what it measures. Prints JSON: requests, seconds, p50 and p99
in ms, statuses; with `--rate`, requests begin at fixed times, and a late one counts from when it should have begun.
What is asked is a kind of request (`requests`), about the incidents of `--pks` where it is about some that exist.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections import Counter
from urllib.parse import urlsplit

import uvloop

from tests.benchmarks.requests import KINDS, Asked


class Connection:
    """One connection that sends a request and reads the answer to its end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, head: bytes, asked: Asked) -> int:
        """Return the status of one request."""
        line = f"{asked.method} {asked.path} HTTP/1.1\r\n".encode()
        self._writer.write(line + head + b"Content-Length: %d\r\n\r\n" % len(asked.body) + asked.body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        lowered = answer.lower()
        length = lowered.find(b"content-length:")
        if length >= 0:
            await self._reader.readexactly(int(lowered[length + 15 : lowered.index(b"\r\n", length)]))
        return int(answer[9:12])


async def run(given: argparse.Namespace) -> dict[str, object]:
    """Ask for so many seconds and return what was measured."""
    parts, connections, seconds, rate = urlsplit(given.url), given.connections, given.seconds, given.rate
    prefer = f"Prefer: {given.prefer}\r\n" if given.prefer else ""
    head = (
        f"Host: {parts.netloc}\r\nAuthorization: Token {given.token}\r\n{prefer}Content-Type: application/json\r\n"
    ).encode()
    make = KINDS[given.kind](parts.path, given.name, [int(pk) for pk in given.pks.split(",") if pk])
    took: list[float] = []
    statuses: Counter[int] = Counter()
    begun = time.perf_counter()
    numbers = iter(range(10**9))

    async def caller() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**20)
        connection = Connection(reader, writer)
        for number in numbers:
            due = begun + number / rate if rate else time.perf_counter()
            if due - begun > seconds:
                break
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            statuses[await connection.ask(head, make(number))] += 1
            took.append(time.perf_counter() - due)
        writer.close()

    await asyncio.gather(*(caller() for _ in range(connections)))
    spent = time.perf_counter() - begun
    quantiles = statistics.quantiles(took, n=100)
    return {
        "requests": len(took), "seconds": spent, "per_second": len(took) / spent,
        "p50_ms": quantiles[49] * 1000, "p99_ms": quantiles[98] * 1000, "statuses": dict(statuses),
    }  # fmt: skip


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--token", default="")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--name", required=True)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--kind", choices=KINDS, default="incidents")
    parser.add_argument("--pks", default="")
    parser.add_argument("--prefer", default="")
    print(json.dumps(uvloop.run(run(parser.parse_args()))))  # noqa: T201  its output is its result


if __name__ == "__main__":
    main()
