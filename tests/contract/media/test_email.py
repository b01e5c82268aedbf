"""Email, as mail servers see it."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from argus_media import MediumUnavailable, Undeliverable
from tests.contract.media.receivers import a_mail_server, a_medium, send


@pytest.fixture
async def receiver():
    async with a_mail_server() as made:
        yield made


@pytest.fixture
async def medium(receiver):
    async with a_medium("email", receiver) as made:
        yield made


async def test_one_mail_goes_to_one_mailbox(medium, receiver):
    await send(medium, receiver)

    (envelope,) = receiver.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("argus@example.org", ["q@example.net"])
    assert receiver.mails[0]["Subject"].startswith("[Argus] 'Incident start': Box down")


async def test_a_connection_is_used_again(medium, receiver):
    for _ in range(5):
        await send(medium, receiver)

    assert (len(receiver.ids), receiver.connections) == (5, 1)


async def test_after_a_failure_the_connection_is_not_used_again(medium, receiver):
    receiver.behaviour = "fails"
    with pytest.raises(MediumUnavailable):
        await send(medium, receiver)
    receiver.behaviour = "accepts"
    await send(medium, receiver)

    assert receiver.connections == 2


async def test_mails_at_once_have_connections_of_their_own(medium, receiver):
    await asyncio.gather(*(send(medium, receiver) for _ in range(5)))

    assert len(set(receiver.ids)) == 5
    assert receiver.connections <= 5


@pytest.mark.parametrize("command", ["rcpt_answer", "data_answer"])
async def test_a_final_refusal_of_recipient_or_mail_is_dead(medium, receiver, command):
    setattr(receiver, command, "554 5.7.1 never")

    with pytest.raises(Undeliverable) as refused:
        await send(medium, receiver)

    assert (refused.value.code, "5.7.1 never" in refused.value.reason) == (554, True)


@pytest.mark.parametrize(
    ("command", "answer"),
    [("rcpt_answer", "450 4.2.1 greylisted"), ("data_answer", "452 4.3.1 full"), ("mail_answer", "550 5.7.1 not you")],
)
async def test_what_may_pass_or_can_be_put_right_by_the_operator_is_tried_again(medium, receiver, command, answer):
    setattr(receiver, command, answer)

    with pytest.raises(MediumUnavailable) as refused:
        await send(medium, receiver)

    assert refused.value.code == int(answer[:3])


async def test_an_address_that_ascii_cannot_write_gets_its_mail_where_the_server_can(medium, receiver):
    receiver.destination = lambda: {"email_address": "blåbær@example.net"}

    await send(medium, receiver)

    assert receiver.envelopes[0].rcpt_tos == ["blåbær@example.net"]


async def test_starttls_and_login_are_used_and_a_wrong_password_may_be_put_right(tmp_path, monkeypatch):
    async with a_mail_server(tls=trusted(tmp_path, monkeypatch), login=("argus", "s3cret")) as receiver:
        login = {"smtp_host": "localhost", "smtp_tls": "starttls", "smtp_username": "argus"}
        async with a_medium("email", receiver, smtp_password="s3cret", **login) as medium:
            await send(medium, receiver)
        async with a_medium("email", receiver, smtp_password="wrong", **login) as medium:
            with pytest.raises(MediumUnavailable) as refused:
                await send(medium, receiver)

    assert len(receiver.ids) == 1
    assert "wrong" not in refused.value.reason


async def test_a_certificate_that_nobody_trusts_is_not_spoken_to(tmp_path, monkeypatch):
    context = trusted(tmp_path, monkeypatch)
    monkeypatch.delenv("SSL_CERT_FILE")
    async with (
        a_mail_server(tls=context) as receiver,
        a_medium("email", receiver, smtp_host="localhost", smtp_tls="starttls") as medium,
    ):
        with pytest.raises(MediumUnavailable):
            await send(medium, receiver)


def trusted(folder, monkeypatch) -> ssl.SSLContext:
    """Return the context of a server named localhost whose certificate this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "certificate.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = folder / "key.pem"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, private)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    return context
