"""`python -m tests.integration.store.fragile`: a store that certain records kill in the middle of a batch."""

import os
import signal
from collections.abc import Callable

from argus_domain.fold import fold
from argus_domain.outcome import Outcome, State
from argus_runtime import lifecycle
from argus_runtime.settings import load
from argus_schemas.records import Record
from argus_store import app, folding
from argus_store.settings import Settings

DEADLY = "deadly"
"""What such a record says of itself."""


def fold_that(ends: Callable[[], None]) -> Callable[[State, Record], tuple[State, Outcome]]:
    """Return a fold for which the process ends at a deadly record."""

    def folded(state: State, record: Record) -> tuple[State, Outcome]:
        if DEADLY in str(record.to_bytes()):
            ends()
        return fold(state, record)

    return folded


if __name__ == "__main__":
    setattr(folding, "fold", fold_that(lambda: os.kill(os.getpid(), signal.SIGKILL)))  # noqa: B010  no name of theirs
    lifecycle.main(app.run, load(Settings))
