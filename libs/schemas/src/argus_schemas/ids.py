"""Blocks of ids that people see: a block is the offset of its record on `ids` (design section 3)."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from argus_schemas.base import Kinded, Text

BLOCK_SIZE = 1000


class Base(Kinded):
    """Ids taken after this record lie above `above`."""

    kind: Literal["base"] = "base"
    above: Annotated[int, Field(ge=0)]


class Block(Kinded):
    """A service took a block of ids."""

    kind: Literal["block"] = "block"
    service: Text


IdsRecord = Annotated[Base | Block, Field(discriminator="kind")]
IDS_RECORD: TypeAdapter[Base | Block] = TypeAdapter(IdsRecord)


def block_of(offset: int, base_offset: int, above: int) -> range:
    """Return the ids of the block whose record stands at `offset`, under the base at `base_offset`."""
    first = above + (offset - base_offset - 1) * BLOCK_SIZE + 1
    return range(first, first + BLOCK_SIZE)
