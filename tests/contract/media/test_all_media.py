"""What every medium promises, proved on real servers."""

from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

import pytest

from argus_media import Medium, MediumUnavailable, Undeliverable
from argus_media.finding import installed
from tests.contract.media.receivers import RECEIVERS, Receiver, a_medium, send

ID = UUID(int=17)


def test_there_is_a_receiver_for_every_medium():
    assert {name.split()[0] for name in RECEIVERS} | {"kafka"} == installed().keys() | {
        "kafka"
    }  # a topic has tests of its own


@pytest.fixture(params=sorted(RECEIVERS))
def slug(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
async def receiver(slug: str) -> AsyncIterator[Receiver]:
    async with RECEIVERS[slug]() as made:
        yield made


@pytest.fixture
async def medium(slug: str, receiver: Receiver) -> AsyncIterator[Medium]:
    async with a_medium(slug, receiver) as made:
        yield made


async def test_a_medium_is_told_to_by_the_settings_that_the_api_checks(slug, medium):
    assert medium.settings is installed()[slug.split()[0]].kind.settings


async def test_a_notification_that_is_accepted_is_sent(slug, medium, receiver):
    code = await send(medium, receiver)

    assert code is None or 200 <= code < 300
    assert (code is None) == (slug == "apprise")
    assert len(receiver.ids) == 1


@pytest.mark.parametrize("behaviour", ["fails", "breaks off"])
async def test_a_server_error_means_try_again(medium, receiver, behaviour):
    receiver.behaviour = behaviour

    with pytest.raises(MediumUnavailable):
        await send(medium, receiver)


async def test_a_permanent_refusal_is_dead(slug, medium, receiver):
    if slug == "apprise":
        pytest.skip("Apprise does not say why something was not taken")
    receiver.behaviour = "refuses"

    with pytest.raises(Undeliverable) as refused:
        await send(medium, receiver)

    assert refused.value.code in {410, 550}
    assert refused.value.reason


async def test_a_server_that_is_away_means_try_again(slug, receiver):
    async with RECEIVERS[slug]() as nobody:
        pass
    async with a_medium(slug, nobody) as medium:
        with pytest.raises(MediumUnavailable):
            await send(medium, nobody)


async def test_what_hangs_can_be_abandoned_and_the_next_goes_through(medium, receiver):
    receiver.behaviour = "hangs"
    with pytest.raises(TimeoutError):
        await send(medium, receiver)

    receiver.behaviour = "accepts"
    await send(medium, receiver)


@pytest.mark.parametrize("behaviour", ["accepts", "fails", "breaks off", "hangs"])
async def test_a_repeat_has_the_same_id(slug, medium, receiver, behaviour):
    if slug == "apprise":
        pytest.skip("the services of Apprise know no ids")
    receiver.behaviour = behaviour
    with suppress(MediumUnavailable, TimeoutError):
        await send(medium, receiver, id=ID)
    receiver.behaviour = "accepts"
    await send(medium, receiver, id=ID)

    first, second = receiver.ids
    assert first == second
    assert str(ID) in first
