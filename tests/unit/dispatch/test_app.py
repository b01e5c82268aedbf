"""Dispatch begins once it knows where to send, and tells how many destinations it knows."""

import asyncio
from typing import Any

import pytest

from argus_dispatch.app import until_loaded
from argus_runtime.health import Check, Health
from tests.fakes import FakeDocuments


@pytest.fixture
def destinations() -> Any:
    return FakeDocuments()


@pytest.fixture
def check() -> Check:
    return Health().check("destinations")


async def test_health_tells_how_many_destinations_there_are_now(destinations: Any, check: Check):
    await destinations.load()
    assert await until_loaded(destinations, check, asyncio.Event())
    assert check.state.detail == "0 destinations"

    destinations.put("destination:1", "a document")

    assert check.state.detail == "1 destinations"


async def test_who_is_stopped_before_the_destinations_are_known_does_not_begin(destinations: Any, check: Check):
    stop = asyncio.Event()
    stop.set()

    assert not await until_loaded(destinations, check, stop)
    assert not check
