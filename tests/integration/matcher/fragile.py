"""`python -m tests.integration.matcher.fragile`: a matcher that certain records kill while it decides them."""

import os
import signal
from typing import Any

from argus_matcher import agents, app
from argus_matcher.decisions import Decision, decide
from argus_matcher.settings import Settings
from argus_runtime import lifecycle
from argus_runtime.settings import load
from argus_schemas.records import IncidentRecord

DEADLY = "deadly"
"""What such a record says of itself."""


def decided(record: IncidentRecord, *args: Any, **named: Any) -> Decision:
    """Decide as a matcher does, but for deadly records."""
    if DEADLY in str(record.to_bytes()):
        os.kill(os.getpid(), signal.SIGKILL)
    return decide(record, *args, **named)


if __name__ == "__main__":
    agents.decide = decided  # type: ignore[attr-defined,assignment]
    lifecycle.main(app.run, load(Settings))
