"""Answers within a time limit: all questions at once, and what does not answer is said, not waited for."""

import asyncio
from dataclasses import dataclass

from argus_cli.environment import Settings
from argus_cli.errors import explained
from argus_cli.lag import QUESTIONS, Lag
from argus_database.engine import open_database
from argus_runtime.kafka import Kafka

SECONDS_FOR_AN_ANSWER = 4.0
SECONDS_TO_LET_GO = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """How far a service is behind with something, or why that is not known."""

    service: str
    what: str
    lag: Lag | None
    problem: str = ""


async def answers(where: Settings) -> list[Answer]:
    """Ask at once how far each service is behind."""
    async with open_database(where.database_url, application="argus status") as sessions, Kafka(where) as kafka:
        asked = {name: asyncio.ensure_future(question(kafka, sessions)) for name, question in QUESTIONS.items()}
        _, late = await asyncio.wait(asked.values(), timeout=SECONDS_FOR_AN_ANSWER)
        if late:
            for task in late:
                task.cancel()
            await asyncio.wait(late, timeout=SECONDS_TO_LET_GO)
        return [_answer(*name, task, late=task in late) for name, task in asked.items()]


def _answer(service: str, what: str, task: "asyncio.Future[Lag]", *, late: bool) -> Answer:
    if late:
        return Answer(service, what, None, f"no answer within {SECONDS_FOR_AN_ANSWER:g} s")
    error = task.exception()
    if error is None:
        return Answer(service, what, task.result())
    known = explained(error)
    if known is None:
        raise error
    return Answer(service, what, None, known.message.splitlines()[0])
