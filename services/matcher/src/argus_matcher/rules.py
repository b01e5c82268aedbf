"""The rules on their way from their topic into the index."""

import asyncio
import logging

from argus_matcher.index import Index
from argus_runtime.broadcast import Broadcast
from argus_runtime.errors import TransientError
from argus_runtime.health import Check
from argus_schemas.configuration import Maintenance, Profile

SECONDS_BETWEEN_TRIES = 1.0

log = logging.getLogger(__name__)

Rules = Broadcast[Profile | Maintenance]


async def follow(rules: Rules, index: Index, loaded: asyncio.Event, check: Check) -> None:
    """Keep the index up to date until cancelled; `loaded` is set when it is whole for the first time.

    From then on `check` tells how many documents there are.
    """

    def tell(*_changed: object) -> None:
        check.ok(f"{len(rules.documents)} documents")

    rules.on_change(index.put)
    await _load(rules)
    tell()
    rules.on_change(tell)
    loaded.set()
    await rules.follow()


async def _load(rules: Rules) -> None:
    while True:
        try:
            return await rules.load()
        except TransientError as error:
            log.warning("the rules cannot be loaded: %s", error)
            await asyncio.sleep(SECONDS_BETWEEN_TRIES)
