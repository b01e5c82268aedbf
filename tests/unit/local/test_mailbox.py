import smtplib
from asyncio import to_thread
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

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
