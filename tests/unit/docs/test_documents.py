"""The documents that are made from code say what the code says."""

import pytest

from tests.documents import MADE, ROOT


@pytest.mark.parametrize("name", MADE)
def test_the_page_is_what_make_docs_would_write(name):
    assert (ROOT / name).read_text() == MADE[name](), "run: make docs"
