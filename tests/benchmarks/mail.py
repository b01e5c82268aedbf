"""POST to mail at a steady rate; the floor is mail handed straight to the same mail server."""

import asyncio
import json
import statistics
import time
from email.message import EmailMessage

import aiohttp
import aiosmtplib

from tests.benchmarks.ground import Ground, unique
from tests.benchmarks.table import Line
from tests.eventually import eventually

RATE = 50.0
SECONDS = 10.0
RUNS_TO_WARM_UP = 3
"""Uncounted: the broker compiles what a transaction needs in its first half minute of them."""


async def mail(ground: Ground, runs: int) -> list[Line]:
    """Measure from the beginning of a POST to the arrival of its mail."""
    for _ in range(RUNS_TO_WARM_UP):
        await _mailed(ground)
    p50, p99, direct = [], [], []
    for _ in range(runs):
        took = await _mailed(ground)
        quantiles = statistics.quantiles(took, n=100)
        p50.append(quantiles[49] * 1000)
        p99.append(quantiles[98] * 1000)
        direct.append(await _direct(ground))
    return [
        Line("POST to mail at 50/s, p50", "ms", p50, "60 ms", direct, "direct SMTP"),
        Line("  p99", "ms", p99, "300 ms", direct, "direct SMTP"),
    ]


async def _mailed(ground: Ground) -> list[float]:
    name, posted = unique("mail"), {}
    url = f"{ground.stack.members['ingest'].url}/api/v2/incidents/"
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession(headers={"Authorization": f"Token {ground.source.token}"}) as session:

        async def one(number: int, due: float) -> None:
            await asyncio.sleep(max(0.0, due - loop.time()))
            posted[f"{name}-{number}"] = time.time()
            async with session.post(url, json=_incident(f"{name}-{number}")) as answer:
                assert answer.status == 201, await answer.text()

        begun = loop.time()
        await asyncio.gather(*(one(number, begun + number / RATE) for number in range(int(RATE * SECONDS))))
    await eventually(lambda: posted.keys() <= ground.sink.arrived.keys(), within=60, pause=0.1)
    return [ground.sink.arrived[incident] - at for incident, at in posted.items()]


def _incident(name: str) -> dict[str, object]:
    return {
        "start_time": "2026-11-22T12:00:00Z", "source_incident_id": name, "description": f"Power lost in {name}",
        "level": 1, "tags": [{"tag": f"host={name}"}],
    }  # fmt: skip


async def _direct(ground: Ground) -> float:
    """Return the median of 200 mails handed over one connection, in ms."""
    name, took = unique("direct"), []
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=ground.sink.port, start_tls=False) as connection:
        for number in range(200):
            letter = EmailMessage()
            letter["From"], letter["To"], letter["Subject"] = "argus@localhost", "alice@example.org", "[Argus] down"
            letter.set_content(f"Id there: {name}-{number}\n{json.dumps(_incident(name))}")
            begun = time.perf_counter()
            await connection.send_message(letter)
            took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)
