"""A medium that cannot be opened or closed keeps nobody else from being told."""

from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from argus_dispatch.media.opening import open_media
from argus_dispatch.settings import Settings
from argus_media import Letter, MediumKind, MediumUnavailable, Plugin
from argus_media.bundled.webhook import WebhookSettings
from tests.builders import a_notification
from tests.unit.dispatch.fakes import FakeMedium

LETTER = Letter(a_notification(), WebhookSettings(url="https://example.org/"))
closed: list[str] = []


@asynccontextmanager
async def fine(_settings):
    yield FakeMedium()
    closed.append("fine")


@asynccontextmanager
async def failing(_settings):
    raise RuntimeError("s3cret")
    yield


@asynccontextmanager
async def roomless(_settings):
    medium = FakeMedium()
    medium.at_once = -1
    yield medium
    closed.append("roomless")


@asynccontextmanager
async def sticking(_settings):
    yield FakeMedium()
    raise RuntimeError("the door sticks")


def named(name):
    return Plugin(MediumKind(name, name, WebhookSettings, "url"), open=f"{__name__}:{name}")


@pytest.mark.parametrize("name", ["failing", "roomless", "missing"])
async def test_notifications_of_a_medium_that_cannot_be_opened_wait_and_say_why(name, caplog):
    closed.clear()
    async with AsyncExitStack() as stack:
        media = await open_media(stack, {name: named(name), "fine": named("fine")}, Settings())
        with pytest.raises(MediumUnavailable, match=f"the medium {name} could not be opened: [A-Z]") as failure:
            await media[name].send(LETTER)
        assert await media["fine"].send(LETTER) == 200

    assert "s3cret" not in failure.value.reason
    assert f"medium {name} cannot be opened" in caplog.text
    assert "fine" in closed


async def test_a_medium_that_fails_when_it_is_closed_leaves_the_others_to_close(caplog):
    closed.clear()
    async with AsyncExitStack() as stack:
        await open_media(stack, {"fine": named("fine"), "sticking": named("sticking")}, Settings())

    assert closed == ["fine"]
    assert "medium sticking cannot be closed" in caplog.text
