"""The matcher begins once its rules are whole, and tells how many it has."""

import asyncio
from typing import Any

from argus_matcher.index import SiftedIndex
from argus_matcher.rules import follow
from argus_runtime.health import Health
from tests.fakes import FakeDocuments


async def test_health_tells_how_many_rules_there_are_now():
    rules: Any = FakeDocuments()
    check, loaded = Health().check("rules"), asyncio.Event()
    following = asyncio.create_task(follow(rules, SiftedIndex(), loaded, check))
    async with asyncio.timeout(2):
        await loaded.wait()
    assert check.state.detail == "0 documents"

    rules.put("profile:1", None)

    assert check.state.detail == "1 documents"
    following.cancel()
