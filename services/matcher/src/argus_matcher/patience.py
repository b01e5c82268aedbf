"""For how long lanes wait, and for how much."""

from dataclasses import dataclass

MOST_BYTES = 8 * 1024 * 1024
"""A transaction with so many is over in a fraction of a second."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds, events and bytes; a test that has no time says so here."""

    between_transactions: float = 0.016
    """From the beginning of one in a partition to that of the next: each costs the broker one to two milliseconds."""
    between_turns: float = 0.001
    """The same over all partitions of a process, while it has next to nothing to decide."""
    for_an_event: float = 0.00025
    """So much later is the next turn for each event since the last: what an event costs, transactions do not take."""
    longest_turn: float = 0.05
    """But no later than that: with a backlog, events are a process's only work, and few transactions carry them."""
    quiet: float = 0.25
    """States and positions alone wait that long for company: what tells nobody is seen by nobody."""
    enough_events: int = 250
    """Or until so many have gathered."""
    most_events: int = 500
    """So many may wait for their transaction. After two crashes in a row as many are suspected, and decided alone: the
    fewer, the sooner that is over."""
    most_bytes: int = MOST_BYTES
    """So much may wait, and so much is in a transaction, but for a decision that alone is larger."""
    transaction: float = 20.0
    """The broker aborts one after 10 s; one that has not ended long after that never will."""
    signing_off: float = 0.5
    """Others wait for the partition meanwhile; who does not manage it in time counts as one crash, no more."""
    signing_off_alone: float = 2.0
    """But after two crashes the record that is alone in hand would be given up."""

    @property
    def most_in_hand(self) -> int:
        """Return the most events that a lane is answerable for: in a transaction, behind it, and being decided."""
        return 2 * self.most_events + 1
