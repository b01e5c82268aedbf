"""The documents that are made from code say what the code says."""

import pytest

from tests.documents import DOCS, MADE


@pytest.mark.parametrize("name", MADE)
def test_the_page_is_what_make_docs_would_write(name):
    assert (DOCS / name).read_text() == MADE[name](), "run: make docs"
