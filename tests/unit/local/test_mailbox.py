import smtplib
from asyncio import to_thread
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest

from argus_local.mailbox import mailbox
from argus_local.ports import free_port


def a_mail() -> EmailMessage:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = "argus@example.org", "noc@example.org", "Uplink på Ås is down"
    mail.set_content("Level 2: the uplink of campus Ås")
    return mail


def send(port: int, mail: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(mail)


def send_text(port: int, text: str) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.sendmail("argus@example.org", "noc@example.org", text)


async def test_each_mail_becomes_a_file_and_a_line(tmp_path):
    lines: list[str] = []
    port = free_port()
    async with mailbox(tmp_path / "mail", port, lines.append):
        for _ in range(2):
            await to_thread(send, port, a_mail())

    first, second = sorted((tmp_path / "mail").iterdir())
    kept = BytesParser(policy=policy.default).parsebytes(first.read_bytes())
    assert kept["Subject"] == "Uplink på Ås is down"
    assert "campus Ås" in kept.get_content()
    assert lines[0] == f"mail to noc@example.org: Uplink på Ås is down  ({first})"
    assert second.suffix == ".eml"


async def test_a_subject_that_is_folded_at_its_beginning_is_shown_without_that_space(tmp_path):
    lines: list[str] = []
    port, word = free_port(), "x" * 70
    async with mailbox(tmp_path / "mail", port, lines.append):
        folded = f"From: argus@example.org\r\nSubject:\r\n  {word}\r\n\r\nLevel 2\r\n"
        await to_thread(send_text, port, folded)

    assert lines[0].startswith(f"mail to noc@example.org: {word}  (")


async def test_a_mail_that_cannot_be_kept_is_refused_for_now_so_that_it_comes_again(tmp_path):
    folder, port = tmp_path / "mail", free_port()
    async with mailbox(folder, port, print):
        folder.rmdir()

        with pytest.raises(smtplib.SMTPDataError) as refused:
            await to_thread(send, port, a_mail())

    assert refused.value.smtp_code == 452
