"""Where a matcher stands and where the store does, whose rows it is to be given."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from argus_cli.errors import UNAVAILABLE, Failure
from argus_database.incidents import positions
from argus_runtime.kafka import Kafka, Partition
from argus_schemas.topics import INCIDENT_EVENTS

GROUP = "matcher"


@dataclass(frozen=True, slots=True)
class Standing:
    """A partition of incident-events, its log, and how far matcher and store have come in it."""

    place: Partition
    first: int
    end: int
    matcher: int | None
    """None: it has none, or one that this log cannot have."""
    store: int

    @property
    def passed_over(self) -> int:
        """Events that the store has and that no matcher has told of."""
        return 0 if self.matcher is None else max(0, self.store - self.matcher)

    def facts(self) -> dict[str, Any]:
        """Return what `--json` shows."""
        return {
            "partition": self.place.partition, "before": self.matcher, "position": self.store,
            "passed_over": self.passed_over,
        }  # fmt: skip

    def __str__(self) -> str:
        before = "-" if self.matcher is None else str(self.matcher)
        return f"{self.place}: {before} -> {self.store}"


async def check_stopped(kafka: Kafka) -> None:
    """Return if no matcher is at work.

    Raises:
        Failure: one is.
    """
    if many := await (await kafka.admin()).members(GROUP):
        raise Failure(
            f"{many} matcher{'s are' if many > 1 else ' is'} at work.",
            "Stop every matcher, wait until its session has ended (10 s after a crash), and try again.",
        )


async def places(kafka: Kafka) -> list[Partition]:
    """Return the partitions that matchers read."""
    name = kafka.name(INCIDENT_EVENTS)
    many = (await (await kafka.admin()).partitions([name]))[name]
    return [Partition(name, number) for number in range(many)]


async def standings(kafka: Kafka, session: AsyncSession, of: Collection[Partition]) -> list[Standing]:
    """Return where both stand in each partition, the store as `session` sees it.

    Raises:
        Failure: the store is lost, or behind the matcher.
    """
    admin = await kafka.admin()
    stored = await positions(session)
    matched = await admin.positions(GROUP)
    bounds = await admin.bounds(of)
    found = [
        Standing(place, first, end, _known(matched.get(place), end), stored.get(place, first))
        for place, (first, end) in sorted(bounds.items())
    ]
    _check(found)
    return found


def check_passed_over(found: Iterable[Standing], *, skip: bool) -> None:
    """Return if no event would be told to nobody, or that is as it is wished.

    Raises:
        Failure: events would be, and nobody has wished so.
    """
    passed = [standing for standing in found if standing.passed_over]
    if passed and not skip:
        many = sum(standing.passed_over for standing in passed)
        where = ", ".join(f"{one.place} ({one.passed_over} from {one.matcher})" for one in passed)
        raise Failure(
            f"Nobody would be told of {many} events that the store has and the matcher has not seen: {where}.",
            "Say --skip if that is as it should be. If the matcher still has its states, start it instead.",
        )


def _known(position: int | None, end: int) -> int | None:
    return None if position is None or position > end else position


def _check(found: Iterable[Standing]) -> None:
    for one in found:
        if not one.first <= one.store <= one.end:
            raise Failure(
                f"The store's position in {one.place}, {one.store}, lies outside the log ({one.first} to {one.end}).",
                "See `argus positions`.",
            )
        if one.matcher is not None and one.matcher > one.store:
            raise Failure(
                f"The store is behind the matcher in {one.place}: {one.store}, the matcher stands at {one.matcher}.",
                "Start the store, and try again when `argus status` says that it is not behind.",
                UNAVAILABLE,
            )
