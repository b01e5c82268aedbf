"""Accounts of a test's own, on the stack that the tests of a folder share: its conftest imports these fixtures."""

import pytest
import pytest_asyncio

from tests.one_loop import named
from tests.stack import PersonAccount, SourceAccount, Stack


@pytest_asyncio.fixture(name="source", loop_scope="session")
async def own_source(stack: Stack, request: pytest.FixtureRequest) -> SourceAccount:
    """A source of this test's own."""
    return await stack.source(named("source", request))


@pytest_asyncio.fixture(name="person", loop_scope="session")
async def own_person(stack: Stack, source: SourceAccount, request: pytest.FixtureRequest) -> PersonAccount:
    """Somebody who is mailed about everything from this test's source."""
    return await stack.person(named("person", request), {"sourceSystemIds": [source.pk]})
