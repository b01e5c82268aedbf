"""A lane: one assigned partition, whose events and what they cause become visible together or not at all.

It holds the states of its partition's incidents and one transactional producer. The notifications of a batch of events,
the states that they leave behind and the position after them are one transaction. Its transactional id belongs to the
partition, so that a new owner fences an old one that was only asleep. Beside its position it leaves word that it works
(`argus_runtime.openings`), so that its successor knows of a crash.
"""

import asyncio
from collections.abc import AsyncIterable, Callable, Sequence
from contextlib import aclosing, suppress

from argus_matcher import metrics
from argus_matcher.deadlines import Deadlines
from argus_matcher.effects import Decided, latest_states, position_after
from argus_matcher.sequence import Sequence as Order
from argus_matcher.standing import Foothold, Standing
from argus_matcher.transactions import CLOSING_SECONDS, Transactions, within
from argus_matcher.waiting import Pace, Waiting
from argus_runtime.errors import Fenced, TransientError
from argus_runtime.kafka import Partition, Record
from argus_runtime.openings import CLOSED, Opening
from argus_schemas.topics import INCIDENT_STATES

GROUP = "matcher"
NOTHING = Decided(None)


class Lane:
    """One assigned partition: the states of its incidents, and the events that are decided but not yet committed."""

    def __init__(self, source: Partition, producer: Transactions, pace: Pace) -> None:
        self.source = source
        self.states: dict[bytes, bytes] = {}
        self.order = Order(str(source), -1)
        self.latest_ms = 0
        """When the latest record was appended: the clock of this log."""
        self.crashed = False
        """Whether a decision ended the process, which counts as a crash of the record that was to be decided."""
        self.deadlines = Deadlines()
        """What is to come of its incidents."""
        self._producer = producer
        self._pace = pace
        self._patience = pace.patience
        self._waiting = Waiting(pace)
        self._found = CLOSED
        self._held = self._wanted = Foothold(-1, Opening())
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def __len__(self) -> int:
        """Incidents in memory."""
        return len(self.states)

    @property
    def opening(self) -> Opening:
        """What stands beside the committed position."""
        return self._held.opening

    async def fence(self) -> None:
        """From here on no earlier owner of this partition can commit anything."""
        await self._producer.start()

    async def load(self, standing: Standing, committed_states: AsyncIterable[Record]) -> None:
        """Remember what earlier owners committed, to begin where they ended.

        Raises:
            PositionLost: the position is not in the log, or there is none although there are states.
        """
        async for record in committed_states:
            self._keep(record.key or b"", record.value)
        self._found = standing.text
        self._wanted = standing.foothold(
            self.source, remembers=bool(self.states), most_in_hand=self._patience.most_in_hand
        )
        self.order.next = self._wanted.position
        self.deadlines.look_again()

    async def sign_on(self) -> None:
        """Commit that the partition is in somebody's hands, before the first record is."""
        await self._leave_word(self._wanted)

    def _keep(self, key: bytes, state: bytes | None) -> None:
        self.deadlines.note(key, state)
        if state is None:
            self.states.pop(key, None)
        else:
            self.states[key] = state

    def open(self, failed: Callable[[BaseException], None]) -> None:
        """Begin to commit what is decided; `failed` hears of the error that ends it."""

        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                failed(error)

        self._task = asyncio.create_task(self._run(), name=f"lane {self.source}")
        self._task.add_done_callback(ended)

    async def add(self, decided: Decided) -> bool:
        """Take on the next decision; wait while too much is waiting. Return whether the lane is still open.

        A closed lane takes on nothing.
        """
        if self._closed:
            return False
        for key, state in decided.states.items():
            self._keep(key, state)
        if decided.offset is not None and decided.done:
            self.order.next = decided.offset + 1
        self._pace.events += 1
        # After one crash the same records are to be in hand again: to commit a few at once would begin the count anew.
        self._waiting.put(decided, at_once=self.opening.suspects, patiently=self.opening.crashes > 0)
        await self._waiting.room()
        return not self._closed

    async def settled(self) -> bool:
        """Return when nothing is in hand any more: whether the lane is still open, so that all of it is committed."""
        await self._waiting.settled.wait()
        return not self._closed

    async def only_one(self) -> bool:
        """Commit that the next record is the only one in hand; return whether the lane is still open."""
        if await self.settled():
            self._wanted = self._wanted.with_one()
            self._waiting.put(NOTHING, at_once=True)
        return await self.settled()

    async def _run(self) -> None:
        async with aclosing(self._waiting.batches()) as batches:
            async for batch in batches:
                of_a_record = any(decided.offset is not None for decided in batch)
                if of_a_record and self.opening.alone and not self.opening.gives_up:
                    await self._commit_alone(batch)
                else:
                    await within(self._patience.transaction, self._commit(batch))

    async def _commit_alone(self, batch: Sequence[Decided]) -> None:
        """Commit what the only record in hand causes; before, that it is decided, and if Kafka fails now, not to blame.

        A lane that Kafka ends cannot say so any more: its client waits for what is stuck.
        """
        await self._leave_word(self._held.with_none())
        try:
            await within(self._patience.transaction, self._commit(batch))
        except (TransientError, Fenced):
            raise
        except Exception:  # too large, say: without blame it would be tried for ever
            await self._leave_word(self._held.with_one())
            raise

    async def _leave_word(self, word: Foothold) -> None:
        self._wanted = word
        await within(self._patience.transaction, self._commit(()))

    async def _commit(self, batch: Sequence[Decided]) -> None:
        after = self._wanted.moved(position_after(batch))
        metrics.TRANSACTION_EVENTS.observe(len(batch))
        with metrics.TRANSACTION_SECONDS.time():
            async with self._producer.transaction():
                for output in (output for decided in batch for output in decided.outputs):
                    await self._producer.send(output.topic, output.key, output.value, headers=output.headers)
                for key, state in latest_states(batch).items():
                    await self._producer.send(INCIDENT_STATES, key, state, partition=self.source.partition)
                if after != self._held:
                    self._leave(after.position, str(after.opening))
        self._held = self._wanted = after

    def _leave(self, position: int, text: str) -> None:
        self._producer.send_offsets({self.source: position}, GROUP, {self.source: text})

    async def close(self) -> None:
        """Abort what is not committed, and say that the partition is let go; its next owner decides the rest again."""
        self._closed = True
        self._waiting.drop()
        leaving = asyncio.create_task(self._sign_off())
        seconds = self._patience.signing_off_alone if self.opening.suspects else self._patience.signing_off
        await asyncio.wait({leaving}, timeout=seconds)
        leaving.cancel()
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=CLOSING_SECONDS)
        self._waiting.give_up()
        await asyncio.gather(self._producer.close(), asyncio.wait({leaving}))

    async def _sign_off(self) -> None:
        """Commit that the partition is in nobody's hands, where nothing went wrong; if that fails, so be it.

        Who has not begun says what was said before: it has cleared nobody of a suspicion.
        """
        failed = self._task is not None and self._task.done()
        if failed or self.crashed or self._held.position < 0:
            return
        await self._waiting.settled.wait()  # a transaction that is under way may move the position yet
        with suppress(Exception):
            async with self._producer.transaction():
                self._leave(self._held.position, self._found if self._task is None else CLOSED)
