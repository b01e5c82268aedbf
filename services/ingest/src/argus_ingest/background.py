"""What goes on beside the answering of requests."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from datetime import datetime
from typing import Any

from argus_http.authentication import Holder, Shown
from argus_http.last_seen import LastSeen, write_last_seen
from argus_http.principals import Principal
from argus_ingest.ids import Ids
from argus_ingest.readmodel.postgres import Postgres
from argus_runtime.broadcast import Broadcast
from argus_runtime.errors import TransientError
from argus_runtime.health import Check
from argus_schemas.configuration import SourceDocument

SECONDS_BETWEEN_LOOKS = 1.0


Work = Coroutine[Any, Any, None]


async def together(stop: asyncio.Event, *side: Work, main: Iterable[Work]) -> None:
    """Run `main` and `side` work; when one of `main` ends, tell the others to stop, and end `side` work last.

    Raises:
        ExceptionGroup: some of it failed.
    """
    async with asyncio.TaskGroup() as sides:
        beside = [sides.create_task(work) for work in side]
        try:
            async with asyncio.TaskGroup() as mains:
                for work in main:
                    mains.create_task(work).add_done_callback(lambda _: stop.set())
        finally:
            for task in beside:
                task.cancel()


async def after(event: asyncio.Event, work: Work) -> None:
    """Do `work` once `event` is set."""
    try:
        await event.wait()
    except asyncio.CancelledError:
        work.close()
        raise
    await work


def seen_by(last_seen: LastSeen, holder: Holder) -> Holder:
    """Return `holder`, with a note for each source that asks."""

    async def seeing(shown: Shown) -> Principal:
        principal = await holder(shown)
        last_seen.saw(principal.source_id)
        return principal

    return seeing


async def keep_last_seen(last_seen: LastSeen, postgres: Postgres) -> None:
    """Write when sources were last seen, looking once a second."""

    async def write(seen: Mapping[int, datetime]) -> None:
        await postgres.work(lambda session: write_last_seen(session, seen), tells=False)

    while True:
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        await last_seen.flush(write)


async def loaded(broadcast: Broadcast[SourceDocument], check: Check) -> None:
    """Tell `check` whether the sources are loaded."""
    while True:
        if broadcast.loaded:
            check.ok(f"{len(broadcast.documents)} sources, confirmed {broadcast.age or 0:.0f} s ago")
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS if broadcast.loaded else 0.05)


async def stocked(ids: Ids, check: Check) -> None:
    """Take a first block of ids before the first request needs it."""
    while True:
        try:
            await ids.take(1)
        except TransientError as error:
            check.failed(str(error))
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        else:
            check.ok()
            return
