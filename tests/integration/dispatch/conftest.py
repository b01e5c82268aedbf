"""Fixtures for dispatch on a real Kafka."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.dispatch.installation import Installation, Sink, a_sink, an_installation


@pytest.fixture
async def installation(kafka_server: str, prefix: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with an_installation(kafka_server, prefix, tmp_path) as made:
        yield made


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with a_sink() as made:
        yield made
