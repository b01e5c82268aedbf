"""Errors of the pipeline, and what the one who meets them does.

* PipelineError
  * InvalidRecord         never going to work: dead-letter it and go on
    * RecordTooLarge      larger than its topic takes
  * TransientError        the outside world failed: nothing is committed, try again
    * LogUnavailable      Kafka cannot be reached, or did not answer in time
    * PartitionTaken      the group gave the partition to somebody else, who goes on from the last commit
    * RecordsGone         a reader without a group has lost its place: it begins anew
    * SecretUnreadable    no key of ours decrypts it: alarming, but a key may come
  * Fenced                a successor writes under our transactional id: end the process
  * NeedsOperator         no restart helps: stay, not ready, until somebody has acted (`lifecycle`)
    * PositionLost        a position of a group or of the store lies outside the log: somebody has to set it
    * TooManyDeadLetters  we are probably the fault
  * CatalogueMismatch     the broker's topics are not those of the catalogue: do not start
"""

from collections.abc import Sequence
from typing import ClassVar


class PipelineError(Exception):
    """Anything that the pipeline itself raises."""


class InvalidRecord(PipelineError):
    """A record that can never be processed."""


class RecordTooLarge(InvalidRecord):
    """A record that is larger than its topic takes."""


class TransientError(PipelineError):
    """A failure that may pass; it is never the record's fault."""


class LogUnavailable(TransientError):
    """Kafka cannot be reached or did not answer in time; what was sent may still appear."""


class PartitionTaken(TransientError):
    """The partition belongs to somebody else by now."""


class RecordsGone(TransientError):
    """What a reader without a group was to read next is not in the log; to read anew, or to start again, heals that."""

    def __init__(self, place: str) -> None:
        super().__init__(f"{place}, which was to be read next, is not in the log: it is to be read anew")


class SecretUnreadable(TransientError):
    """A secret that none of the keys decrypts."""


class Fenced(PipelineError):
    """A successor has taken over this transactional id."""


class NeedsOperator(PipelineError):
    """No restart helps: somebody has to act, and then start the service again."""

    check: ClassVar[str]
    """The check of `/health/ready` that says so."""


class PositionLost(NeedsOperator):
    """A position of a group or of the store lies outside the log: records are gone, or the log is another one."""

    check = "positions"

    def __init__(self, place: str, first: int | None = None, end: int | None = None) -> None:
        known = "" if first is None or end is None else f" (the log has {first} to {end})"
        super().__init__(
            f"position {place} lies outside the log{known}: see `argus positions`, and say where to go on"
            " with `argus positions set`"
        )


class TooManyDeadLetters(NeedsOperator):
    """So many records in a row were unusable that the fault is probably ours; a restart would bury the next ones."""

    check = "dead letters"

    def __init__(self, topic: str, in_a_row: int) -> None:
        super().__init__(
            f"{in_a_row} dead letters in a row on {topic}: see in them what is wrong with who wrote these records or"
            " with this release, put it right"
        )


class CatalogueMismatch(PipelineError):
    """The broker's topics are not those of the catalogue."""

    def __init__(self, differences: Sequence[str]) -> None:
        super().__init__("; ".join(differences))
