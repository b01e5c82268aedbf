"""docs/media.md says what is."""

import re
from pathlib import Path
from typing import Any

import pytest

from argus_media import Letter, MediumUnavailable, Undeliverable, secret_settings
from argus_media.finding import installed
from tests.builders import a_notification

PAGE = (Path(__file__).parents[3] / "docs" / "media.md").read_text()
OF_OURS = {slug: plugin for slug, plugin in installed().items() if plugin.open.startswith("argus_dispatch.")}


def test_every_medium_that_comes_with_us_stands_in_the_table_with_its_settings():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE, re.MULTILINE))

    assert rows == {slug: _settings(plugin.kind.settings) for slug, plugin in OF_OURS.items()}
    assert rows


async def test_the_documented_medium_is_one(tmp_path):
    scope: dict[str, Any] = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(code, scope)
    kind, settings = scope["PLUGIN"].kind, scope["BoardSettings"]
    assert kind.schema()["required"] == ["board"]
    assert secret_settings(kind.settings) == {"code"}

    (tmp_path / "attic").mkdir()
    boards = scope["Boards"](tmp_path)
    notification = a_notification()
    assert await boards.send(Letter(notification, settings(board="hall"))) is None
    assert str(notification.id) in (tmp_path / "hall").read_text()
    with pytest.raises(Undeliverable):
        await boards.send(Letter(notification, settings(board="attic")))
    with pytest.raises(MediumUnavailable):
        await scope["Boards"](tmp_path / "nowhere").send(Letter(notification, settings(board="hall")))


def _settings(model):
    secret = secret_settings(model)
    return ", ".join(f"`{name}`{' (secret)' if name in secret else ''}" for name in model.model_fields)
