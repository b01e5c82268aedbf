"""The watch: looks for silent sources and expiring tokens, and reports them as the source `argus`.

One api process at a time looks; the incidents are reports like any source's, so ingest and the fold make them one even
where two should look (design section 2).
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import psycopg
from sqlalchemy.exc import DBAPIError

from argus_api.concerns import GRACE, Watched, expiries, renewals, returns, silences
from argus_api.metrics import CONCERNS_REPORTED
from argus_api.settings import Settings
from argus_api.watched import Register, open_register
from argus_database.configuration.errors import Refused
from argus_database.configuration.own import OWN, own_source
from argus_database.engine import Sessions
from argus_runtime.errors import PipelineError
from argus_runtime.health import Check
from argus_runtime.kafka import Kafka, Producer
from argus_schemas.report import Report
from argus_schemas.topics import reports_topic

LOST = (psycopg.Error, DBAPIError, Refused, PipelineError, OSError)
INGEST = "ingest"
"""The group that reads the reports of sources."""

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


class Ears(Protocol):
    """Tells what of the sources could be heard."""

    async def listening(self) -> bool:
        """Tell whether anybody listens to sources at all."""

    async def unheard(self, slugs: Sequence[str]) -> set[str]:
        """Return the sources whose reports are not read to their end."""


@dataclass
class Watch:
    """Reports what it finds, and again what has not arrived; a repeat is recognised by its id."""

    url: str
    sessions: Sessions
    ears: Ears
    producer: Producer
    check: Check
    interval: timedelta
    notice: timedelta
    clock: Callable[[], datetime] = utc_now
    _deaf: bool = True
    _heard_since: datetime | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Look every `interval` until `stop` is set, whatever is away for a time."""
        while not stop.is_set():
            try:
                async with open_register(self.url) as register:
                    await self._keep_looking(register, stop)
            except LOST as error:
                self._deaf = True
                self.check.failed(f"nobody looks after sources now: {error}")
                await self._pause(stop)

    async def _keep_looking(self, register: Register, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if await register.is_ours():
                await self.look(register)
                self.check.ok("this process looks after sources")
            else:
                self.check.ok("another process looks after sources")
            await self._pause(stop)

    async def _pause(self, stop: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(self.interval.total_seconds()):
                await stop.wait()
        except TimeoutError:
            return

    async def look(self, register: Register) -> None:
        """Report what begins and what ends.

        Raises:
            LogUnavailable: it could not be reported.
        """
        now = self.clock()
        sources = await register.sources()
        own = next((source for source in sources if (source.name, source.type) == (OWN, OWN)), None)
        found = await self._about_sources(register, sources, own, now) + await self._about_tokens(register, own, now)
        if found and own:
            await self._report(found, own.slug)
        elif found:  # the relay makes its topic; then this is found again
            async with self.sessions.begin() as session:
                await own_source(session)

    async def _about_sources(
        self, register: Register, sources: Sequence[Watched], own: Watched | None, now: datetime
    ) -> list[Report]:
        open_ = await register.silences(own.pk, now) if own else []
        ends = returns(now, sources, open_)
        if not await self._hears(now):
            return ends
        silent = [source for source in sources if source.is_dead(now - GRACE, self._heard_since)]
        unheard = await self.ears.unheard([source.slug for source in silent]) if silent else set()
        silent = [source for source in silent if source.slug not in unheard]
        ended = await register.ended(own.pk, now, [source.silence for source in silent]) if own and silent else []
        return ends + silences(now, silent, open_, ended, self._heard_since)

    async def _about_tokens(self, register: Register, own: Watched | None, now: datetime) -> list[Report]:
        tokens = await register.tokens(now, self.notice)
        open_ = await register.expiries(own.pk, now) if own else []
        ended = await register.ended(own.pk, now, [token.expiry for token in tokens]) if own and tokens else []
        return renewals(now, tokens, open_, self.notice) + expiries(now, tokens, open_, ended, self.notice)

    async def _hears(self, now: datetime) -> bool:
        """Tell whether silence means something: while nobody listens, and for a heartbeat afterwards, it does not."""
        if not await self.ears.listening():
            self._deaf = True
        elif self._deaf:
            self._deaf, self._heard_since = False, now
        return not self._deaf

    async def _report(self, found: Sequence[Report], slug: str) -> None:
        topic = reports_topic(slug)
        sent = [await self.producer.send(topic, report.source_incident_id, report) for report in found]
        await asyncio.gather(*sent)
        for report in found:
            log.info("reported as source %s: %s of %s", slug, report.type, report.source_incident_id)
            CONCERNS_REPORTED.labels(report.type).inc()


async def watch_sources(settings: Settings, sessions: Sessions, stop: asyncio.Event, check: Check) -> None:
    """Look after sources until `stop` is set."""
    async with Kafka(settings) as kafka:
        watch = Watch(
            settings.database_url, sessions, Inboxes(kafka), await kafka.producer(), check, settings.watch_interval,
            settings.token_notice,
        )  # fmt: skip
        await watch.run(stop)


class Inboxes:
    """Hears what ingest hears."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka

    async def listening(self) -> bool:
        """Tell whether an ingest reads reports."""
        return await (await self._kafka.admin()).members(INGEST) > 0

    async def unheard(self, slugs: Sequence[str]) -> set[str]:
        """Return the sources whose topic has reports that ingest has not read."""
        admin = await self._kafka.admin()
        reached = await admin.positions(INGEST)
        ends = await admin.ends([reports_topic(slug) for slug in slugs])
        behind = {partition.topic for partition, end in ends.items() if end > reached.get(partition, 0)}
        return {slug for slug in slugs if self._kafka.name(reports_topic(slug)) in behind}
