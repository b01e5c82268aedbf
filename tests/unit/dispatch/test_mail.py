"""A notification as a mail."""

import email
from datetime import UTC
from email.policy import default
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus_dispatch.media.mail import mail
from argus_dispatch.messages import Writer
from argus_media import Message, Undeliverable
from tests.builders import NOON, a_notification, an_event, an_incident

WRITER = Writer("https://argus.example.org", UTC)
SENDER = "Argus <argus@example.org>"


def a_mail(recipient="q@example.net", message=None, **changes):
    notification = a_notification(**({"id": UUID(int=7)} | changes))
    return mail(notification, message or WRITER.write(notification), sender=SENDER, recipient=recipient)


def parsed(made):
    return email.message_from_bytes(bytes(made), policy=default)


def test_a_mail_has_a_sender_a_recipient_a_date_and_two_forms():
    found = parsed(a_mail())

    assert (found["From"], found["To"]) == (SENDER, "q@example.net")
    assert found["Date"].datetime == NOON
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert "Box down" in found.get_body(("plain",)).get_content()


def test_a_repeat_has_the_same_message_id_and_a_replay_says_so():
    assert a_mail()["Message-ID"] == a_mail()["Message-ID"] == f"<{UUID(int=7)}@example.org>"
    assert a_mail()["X-Argus-Replay"] is None
    replay = a_mail(replay=2)
    assert (replay["Message-ID"], replay["X-Argus-Replay"]) == (a_mail()["Message-ID"], "2")


def test_the_mails_of_an_incident_are_one_thread():
    start, end = a_mail(), a_mail(id=UUID(int=8), event=an_event(pk=51))
    other = a_mail(incident=an_incident(pk=50))

    for header in ("References", "In-Reply-To"):
        assert start[header] == end[header] != other[header]
    assert start["Message-ID"] != end["Message-ID"]


@pytest.mark.parametrize("recipient", ["a@b, c@d", "a@b\r\nBcc: c@d", "", "nobody", "A <a@b>", "a b@c"])
def test_what_is_not_one_address_gets_no_mail(recipient):
    with pytest.raises(Undeliverable):
        a_mail(recipient)


@settings(max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_no_text_adds_a_header_or_breaks_the_mail(text):
    names = set(parsed(a_mail()).keys())
    notification = a_notification(id=UUID(int=7), incident=an_incident(description=text))
    made = mail(notification, WRITER.write(notification), sender=SENDER, recipient="q@example.net")
    found = parsed(made)

    assert set(found.keys()) == names
    assert found["To"] == "q@example.net"
    assert len(found["Subject"].splitlines()) == 1


def test_a_subject_of_somebody_elses_writer_is_made_safe():
    made = a_mail(message=Message("x\r\nBcc: eve@example.org", "text", "<p>html</p>"))

    assert parsed(made)["Bcc"] is None
    assert parsed(made)["Subject"] == "x Bcc: eve@example.org"


def test_a_long_line_is_carried_whole():
    line = "long " * 2000
    notification = a_notification(incident=an_incident(description=line))
    raw = bytes(mail(notification, WRITER.write(notification), sender=SENDER, recipient="q@example.net"))

    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert line.strip() in parsed_body(raw)


def parsed_body(raw):
    body = email.message_from_bytes(raw, policy=default).get_body(("plain",))
    assert body is not None
    return body.get_content()
