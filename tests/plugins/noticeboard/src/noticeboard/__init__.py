"""A noticeboard as those see it who configure destinations; `noticeboard.board` pins, and is imported by dispatch."""

from typing import Annotated

from pydantic import Field

from argus_media import SECRET, MediumKind, MediumSettings, Plugin


class BoardSettings(MediumSettings):
    """A board, and what opens its glass door."""

    board: Annotated[str, Field(pattern=r"^[a-z]{1,30}$", title="Board")]
    code: Annotated[str, Field(max_length=20, title="Code of the door"), SECRET] = ""


PLUGIN = Plugin(MediumKind("noticeboard", "Noticeboard", BoardSettings, "board"), open="noticeboard.board:open_boards")
