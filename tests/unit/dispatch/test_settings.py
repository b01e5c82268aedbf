"""What dispatch reads from its environment."""

from ipaddress import ip_network

import pytest
from pydantic import ValidationError

from argus_dispatch.settings import Settings


def test_networks_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("ARGUS_WEBHOOK_ALLOW", "10.1.0.0/16, fd00::/8")

    assert Settings().webhook_allow == (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WEBHOOK_ALLOW", "10.0.0.1/8"),
        ("WEBHOOK_ALLOW", "everything"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_FROM", "a@b\r\nBcc: c@d"),
        ("BASE_URL", "argus.example.org"),
        ("SMTP_TLS", "maybe"),
        ("GIVE_UP_AFTER_HOURS", "1000"),
        ("SMTP_PORT", "0"),
    ],
)
def test_what_makes_no_sense_is_refused_at_the_start(monkeypatch, variable, value):
    monkeypatch.setenv(f"ARGUS_{variable}", value)

    with pytest.raises(ValidationError):
        Settings()


def test_the_password_is_not_shown(monkeypatch):
    monkeypatch.setenv("ARGUS_SMTP_PASSWORD", "s3cret")

    assert "s3cret" not in repr(Settings())


@pytest.mark.parametrize("sender", ["argus@example.org", "Argus <argus@example.org>", '"The Argus" <argus@localhost>'])
def test_a_sender_is_an_address_perhaps_with_a_name(sender):
    assert Settings(mail_from=sender).mail_from == sender
