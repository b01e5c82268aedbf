"""A world for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.matcher.world import World, world_of


@pytest.fixture
async def world(kafka_server: str, prefix: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world_of(kafka_server, prefix, tmp_path) as made:
        yield made
