"""`python -m tests.integration.matcher.fragile`: a matcher that certain records kill, or cause too much for Kafka."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from argus_matcher import agents, app
from argus_matcher.decisions import Decision, decide
from argus_matcher.effects import Decided
from argus_matcher.parts import parts
from argus_matcher.settings import Settings
from argus_runtime import lifecycle
from argus_runtime.kafka import Record
from argus_runtime.settings import load
from argus_schemas.records import IncidentRecord

DEADLY = "deadly"
"""What a record says of itself that kills who decides it."""
HUGE = "huge"
"""What a record says of itself that causes a notification larger than its topic takes."""


def decided(record: IncidentRecord, *args: Any, **named: Any) -> Decision:
    """Decide as a matcher does, but for deadly records."""
    if DEADLY in str(record.to_bytes()):
        os.kill(os.getpid(), signal.SIGKILL)
    return decide(record, *args, **named)


def too_large(record: Record, *args: Any) -> Iterator[Decided]:
    """Yield what a record causes, and of a huge one too much."""
    for part in parts(record, *args):
        if HUGE in str(record.value):
            yield replace(part, outputs=[replace(one, value=b"x" * (one.topic.largest + 1)) for one in part.outputs])
        else:
            yield part


if __name__ == "__main__":
    agents.parts = too_large  # type: ignore[attr-defined,assignment]
    agents.decide = decided  # type: ignore[attr-defined,assignment]
    lifecycle.main(app.run, load(Settings))
