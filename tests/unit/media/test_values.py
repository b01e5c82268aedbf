"""What the settings of a destination must say."""

import pytest
from pydantic import ValidationError

from argus_media import secret_settings
from argus_media.bundled.email import EmailSettings
from argus_media.bundled.webhook import WebhookSettings


def test_the_secret_settings_of_a_medium_are_marked():
    assert secret_settings(WebhookSettings) == {"secret"}
    assert secret_settings(EmailSettings) == frozenset()


@pytest.mark.parametrize("address", ["a@example.org", "a.b+c@example.org", "ø@example.org", "root@localhost"])
def test_a_mail_address_has_two_parts(address):
    assert EmailSettings(email_address=address).email_address == address


@pytest.mark.parametrize(
    "address", ["", "a", "a@", "@b", "a@b@c", "a@b, c@d", "a@b\r\nBcc: c@d", "a b@c", "A <a@b>", "a@b\x00"]
)
def test_what_is_not_one_mail_address_is_refused(address):
    with pytest.raises(ValidationError):
        EmailSettings(email_address=address)


@pytest.mark.parametrize("url", ["ftp://a/", "http:///x", "example.org", "http://a/\r\nX: y", "file:///etc/passwd", ""])
def test_what_is_not_a_web_address_is_refused(url):
    with pytest.raises(ValidationError):
        WebhookSettings(url=url)


@pytest.mark.parametrize(
    "secret", ["", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "c2VjcmV0", "c2VjcmV0cw==", "c2VjcmV0cw"]
)
def test_a_signing_secret_is_base64(secret):
    assert WebhookSettings(url="https://example.org/hook", secret=secret).secret == secret


@pytest.mark.parametrize("secret", ["whsec_", "a", "é", "not base 64"])
def test_what_is_not_base64_is_no_signing_secret(secret):
    with pytest.raises(ValidationError):
        WebhookSettings(url="https://example.org/hook", secret=secret)
