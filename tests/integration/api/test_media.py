"""Media that may not be used, or are not installed any more, leave their destinations readable."""

import pytest
from sqlalchemy import update

from argus_database.tables.profiles import DestinationRow
from argus_media import HIDDEN
from argus_media.finding import chosen
from tests.integration.api.asking import Asking
from tests.integration.api.instance import an_api, client

HOOK = {"url": "https://x.example.org/hook", "secret": "c2VjcmV0"}


@pytest.fixture
async def with_mail_only(sessions, people):
    """The same installation, started with `ARGUS_MEDIA=email`."""
    async with client(an_api(sessions, media=chosen(("email",)))) as http:
        yield Asking(http, people)


async def test_media_that_the_settings_leave_out_are_not_offered(with_mail_only):
    ask = with_mail_only
    assert [each["slug"] for each in await ask.get("media/")] == ["email"]
    assert await ask.get("media/webhook/", status=404) == {"detail": "No Media matches the given query."}
    assert await ask.get("media/webhook/json_schema/", status=400) == ['Medium "webhook" is not installed.']
    refused = await ask.post("destinations/", {"media": "webhook", "settings": HOOK}, status=400)
    assert refused == {"media": ['Invalid pk "webhook" - object does not exist.']}
    plugins = (await ask.get("/api/"))["destination_plugins"]
    assert plugins == ["argus.notificationprofile.media.email.EmailNotification"]


async def test_a_destination_whose_medium_is_left_out_says_so_and_shows_no_secret(ask, with_mail_only):
    added = await ask.post("destinations/", {"media": "webhook", "label": "home", "settings": HOOK})
    one = f"destinations/{added['pk']}/"

    shown = await with_mail_only.get(one)

    assert shown["media"] == {"slug": "webhook", "name": "webhook", "installed": False}
    assert shown["settings"] == HOOK | {"secret": HIDDEN}
    assert (await with_mail_only.patch(one, {"label": "x"}))["label"] == "x"
    await with_mail_only.delete(one)


async def test_a_destination_whose_medium_is_gone_can_be_read_labelled_and_deleted_and_not_changed(ask, sessions):
    added = await ask.post("destinations/", {"media": "webhook", "settings": HOOK})
    one = f"destinations/{added['pk']}/"
    async with sessions.begin() as session:
        await session.execute(update(DestinationRow).where(DestinationRow.id == added["pk"]).values(media="gone"))

    assert (await ask.get(one))["settings"] == HOOK | {"secret": HIDDEN}
    assert (await ask.patch(one, {"label": "x"}))["suggested_label"] == "gone"
    assert await ask.get(f"{one}duplicate/") == {"is_duplicate": False}
    refused = {"media": ['Invalid pk "gone" - object does not exist.']}
    assert await ask.patch(one, {"settings": HOOK}, status=400) == refused
    await ask.delete(one)
