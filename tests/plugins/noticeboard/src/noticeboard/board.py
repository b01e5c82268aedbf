"""Pins notices."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from argus_media import Installation, Letter, MediumUnavailable, Undeliverable
from noticeboard import BoardSettings


class Boards:
    """The boards of a building."""

    settings = BoardSettings
    at_once = 1

    def __init__(self, building: Path, installation: Installation) -> None:
        self._building = building
        self._from = installation.base_url

    async def send(self, letter: Letter) -> int | None:
        """Pin one notice."""
        message = letter.message()
        notice = {
            "id": str(letter.notification.id), "subject": message.subject, "text": message.text, "from": self._from,
            "code": letter.settings.code,
        }  # fmt: skip
        try:
            await asyncio.to_thread(self._pin, letter.settings.board, json.dumps(notice))
        except IsADirectoryError as error:
            raise Undeliverable("this is no board") from error
        except OSError as error:
            raise MediumUnavailable(f"the board cannot be reached: {error.strerror}") from error
        return None

    def _pin(self, board: str, notice: str) -> None:
        with (self._building / board).open("a") as paper:
            paper.write(f"{notice}\n")


@asynccontextmanager
async def open_boards(installation: Installation) -> AsyncIterator[Boards]:
    """Give the boards of the building that the environment names."""
    yield Boards(Path(os.environ["NOTICEBOARD_BUILDING"]), installation)
