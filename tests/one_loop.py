"""For folders whose tests share one stack: fixtures and tests that run in one event loop."""

from pathlib import Path

import pytest
import pytest_asyncio

in_one_loop = pytest_asyncio.fixture(scope="session", loop_scope="session")
"""A fixture that is made once, in the loop of all tests of the folder."""

of_each_module = pytest_asyncio.fixture(scope="module", loop_scope="session")
"""A fixture of each module, in the same loop."""

of_each_test = pytest_asyncio.fixture(loop_scope="session")
"""A fixture of each test, in the same loop."""


def share_loop(items: list[pytest.Item], folder: Path) -> None:
    """Let all tests in `folder` run in the loop of their shared fixtures."""
    for item in items:
        if folder in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def named(what: str, request: pytest.FixtureRequest) -> str:
    """Return a name of the test's own."""
    return f"{what}-{abs(hash(request.node.nodeid)) % 10**8}"
