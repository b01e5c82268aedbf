"""The mail server goes away and comes back."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.eventually import eventually
from tests.mails import Mails


@pytest.fixture
async def mails(tmp_path):
    made = Mails(tmp_path / "mails")
    yield made
    await made.go_away()


@pytest.mark.parametrize("seconds", [3, pytest.param(20, marks=pytest.mark.long)])
async def test_while_the_mail_server_is_away_mails_wait_and_come_in_order_when_it_returns(installation, mails, seconds):
    for destination in range(1, 6):
        await installation.destination(destination, "email", email_address=f"q{destination}@example.org")
    smtp = {"smtp_host": "127.0.0.1", "smtp_port": mails.port, "mail_from": "argus@example.org"}
    dispatch = await installation.start(retry_scale=1 if seconds > 10 else 0.05, **smtp)

    for number in range(1, 41):
        await installation.order(number, destination=number % 5 + 1, incident=number % 10 + 1)

    async def failed_for_so_long():
        failed = [one.at for one in await installation.deliveries() if one.state == "retrying"]
        return failed and datetime.now(UTC) - min(failed) > timedelta(seconds=seconds)

    await eventually(failed_for_so_long, within=60, pause=0.5)
    await mails.come()
    await eventually(lambda: len(mails.once()) == 40, within=90)
    last: dict[tuple[str, str], int] = {}
    for mail in mails.all():
        lane = (mail.to, str(int(mail.incident) % 10))
        assert last.get(lane, 0) < int(mail.incident)
        last[lane] = int(mail.incident)
    assert len(mails.all()) == 40
    assert dispatch.process.poll() is None
