"""A medium of somebody else's package: configured over the API, told through dispatch, with nothing of ours changed."""

import json
from functools import partial

from sqlalchemy import select

from argus_database.engine import open_database
from argus_database.tables.profiles import DestinationRow
from tests.eventually import eventually
from tests.pipeline.clients import post, send
from tests.pipeline.test_identity import an_incident

ROOT = "/api/v2/notificationprofiles/"
CODE = "4711 opens"


async def got(url, person, path):
    status, body = await send("GET", url, person.token, ROOT + path, None)
    assert status == 200, body
    return body


async def kept(stack, pk):
    """The settings as PostgreSQL has them."""
    async with open_database(stack.servers.database) as sessions, sessions() as session:
        return await session.scalar(select(DestinationRow.settings).where(DestinationRow.id == pk))


async def test_the_api_offers_an_installed_medium_and_leaves_out_those_that_cannot_be_used(url, person):
    media = {each["slug"]: each["name"] for each in await got(url, person, "media/")}

    assert media["noticeboard"] == "Noticeboard"
    assert media["email"] == "Email"
    assert "broken" not in media
    schema = (await got(url, person, "media/noticeboard/json_schema/"))["json_schema"]
    assert (schema["title"], schema["required"]) == ("Noticeboard Settings", ["board"])
    assert schema["properties"]["code"]["writeOnly"] is True


async def test_settings_are_checked_and_secrets_encrypted_as_the_medium_says(stack, url, person):
    refused = {"media": "noticeboard", "settings": {"board": "No Board", "code": "1" * 21}}
    status, errors = await post(url, person.token, f"{ROOT}destinations/", refused)
    assert status == 400
    assert errors.keys() == {"board", "code"}

    body = {"media": "noticeboard", "settings": {"board": "hall", "code": CODE}}
    status, added = await post(url, person.token, f"{ROOT}destinations/", body)

    assert (status, added["settings"]) == (201, {"board": "hall", "code": "***"})
    assert added["suggested_label"] == "Noticeboard: hall"
    assert CODE not in str(await kept(stack, added["pk"]))


async def test_settings_at_which_a_medium_fails_are_refused(url, person):
    body = {"media": "shut", "settings": {"where": ""}}
    refused = await post(url, person.token, f"{ROOT}destinations/", body)
    assert refused == (400, {"settings": ["Shut cannot take these settings."]})


async def test_a_notification_goes_through_the_medium_with_its_secrets_readable(url, source, person, building):
    body = {"media": "noticeboard", "settings": {"board": "kitchen", "code": CODE}}
    _, destination = await post(url, person.token, f"{ROOT}destinations/", body)
    (profile,) = await got(url, person, "")
    wish = {"destinations": [destination["pk"]]}
    assert (await send("PATCH", url, person.token, f"{ROOT}{profile['pk']}/", wish))[0] == 200

    numbers = iter(range(1000))
    pinned = partial(_pinned, url, source, building / "kitchen", numbers)
    assert await eventually(pinned, within=30, pause=0.5)

    notice = json.loads((building / "kitchen").read_text().splitlines()[0])
    assert notice["code"] == CODE
    assert "Box down" in notice["subject"]
    assert "Box down" in notice["text"]
    assert notice["from"].startswith("http")


async def test_a_medium_that_cannot_be_opened_keeps_nobody_else_from_being_told(stack):
    said = await stack.members["dispatch"].metrics()

    for medium in ("broken", "email", "shut"):
        assert f'argus_media_unusable_total{{medium="{medium}"}} 1.0' in said
    assert await stack.members["dispatch"].ready()


async def _pinned(url, source, board, numbers):
    """Report another incident, since nobody says when the matchers know the profile; and tell whether a notice came."""
    assert (await post(url, source.token, "/api/v2/incidents/", an_incident(str(next(numbers)))))[0] == 201
    return board.exists()
