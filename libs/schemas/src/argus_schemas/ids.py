"""Blocks of ids that people see: a block is the offset of its record on `ids` (design section 3)."""

from typing import Annotated

from msgspec import Meta

from argus_schemas.facts import Fact

BLOCK_SIZE = 1000


class Base(Fact, tag_field="kind", tag="base", frozen=True, kw_only=True):
    """Ids taken after this record lie above `above`."""

    above: Annotated[int, Meta(ge=0)]


class Block(Fact, tag_field="kind", tag="block", frozen=True, kw_only=True):
    """A service took a block of ids."""

    service: str


IdsRecord = Base | Block


def block_of(offset: int, base_offset: int, above: int) -> range:
    """Return the ids of the block whose record stands at `offset`, under the base at `base_offset`."""
    first = above + (offset - base_offset - 1) * BLOCK_SIZE + 1
    return range(first, first + BLOCK_SIZE)
