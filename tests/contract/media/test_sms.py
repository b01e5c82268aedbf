"""SMS, as gateways see it."""

import json
from urllib.parse import parse_qs

import pytest

from argus_media import MediumUnavailable
from tests.builders import an_event, an_incident
from tests.contract.media.receivers import a_mail_server, a_medium, a_web_server, send

TEXT = "A new incident started. High: Box down (nav1) http://localhost:8000/incidents/49/"


@pytest.fixture
async def gateway():
    async with a_web_server("sms") as made:
        yield made


async def test_a_gateway_for_mails_gets_the_number_as_subject_and_the_events_description_as_text():
    async with a_mail_server() as gateway, a_medium("sms", gateway) as medium:
        await send(medium, gateway, event=an_event(description="Fan 2 stopped"))

    (mail,), (envelope,) = gateway.mails, gateway.envelopes
    assert (mail["Subject"], mail.get_content()) == ("sms +4712345678", "Fan 2 stopped\r\n")
    assert envelope.rcpt_tos == ["sms@gateway.example.org"]


async def test_a_gateway_on_the_web_gets_number_and_text_and_our_token(gateway):
    async with a_medium("sms", gateway, sms_gateway_token="t0ken") as medium:
        await send(medium, gateway)

    assert json.loads(gateway.bodies[0]) == {"to": "+4712345678", "text": TEXT}
    assert gateway.requests[0].headers["authorization"] == "Bearer t0ken"


async def test_a_gateway_gets_its_own_fields_as_a_form_where_it_wants_one(gateway):
    fields = {"msisdn": "{number}", "body": "{text}", "sender": "NOC"}
    async with a_medium("sms", gateway, sms_gateway_fields=fields, sms_gateway_form=True) as medium:
        await send(medium, gateway, incident=an_incident(description="a&b=c"))

    form = {name: values[0] for name, values in parse_qs(gateway.bodies[0].decode()).items()}
    assert form == {"msisdn": "+4712345678", "body": TEXT.replace("Box down", "a&b=c"), "sender": "NOC"}
    assert "authorization" not in gateway.requests[0].headers


async def test_without_a_gateway_a_notification_waits_for_one(gateway):
    async with a_medium("sms", gateway, sms_gateway_url="") as medium:
        with pytest.raises(MediumUnavailable, match="no gateway"):
            await send(medium, gateway)


async def test_fields_may_come_from_the_environment(gateway, monkeypatch):
    monkeypatch.setenv("ARGUS_SMS_GATEWAY_FIELDS", '{"numbers": ["{number}"], "message": "{text}"}')
    async with a_medium("sms", gateway) as medium:
        await send(medium, gateway)

    assert json.loads(gateway.bodies[0]) == {"numbers": ["+4712345678"], "message": TEXT}
