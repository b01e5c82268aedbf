"""Slack: incoming webhooks, with blocks and the same in plain text."""

import re
from contextlib import AbstractAsyncContextManager
from typing import Any

from argus_dispatch.media.posting import Post, Posting, open_posting
from argus_dispatch.messages import Words, is_link
from argus_dispatch.settings import Settings
from argus_media import Letter, Undeliverable
from argus_media.bundled.slack import SlackSettings

LONGEST_HEADER = 150
LONGEST_SECTION = 3000
LONGEST_FIELD = 2000
MOST_FIELDS = 10
"""What a block takes; Slack refuses a message with more."""

ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
CUT_ENTITY = re.compile("&[a-z]*$")
APPRISE_ADDRESS = re.compile(
    r"slack://(?:[^/@]*@)?(?P<workspace>T[A-Z0-9]+)/(?P<hook>B[A-Z0-9]+)/(?P<token>[A-Za-z0-9]+)(?:[/?].*)?"
)
WEBHOOKS = "https://hooks.slack.com/services"


def post(letter: Letter, words: Words) -> Post:
    """Return what is posted to the webhook of a destination."""
    return Post(webhook(letter.settings.destination_url), payload(words))


def payload(words: Words) -> dict[str, Any]:
    """Return the message.

    What somebody wrote stands in plain text objects, where Slack reads no markup and no mentions, and is escaped as
    well, since the text that stands in for the blocks is not one.
    """
    fields = [_field(name, value) for name, value in words.facts]
    blocks = [
        {"type": "header", "text": _plain(words.headline, LONGEST_HEADER)},
        _section(f"{words.happened}\n{words.description}"),
        *([_section(words.said)] if words.said else []),
        *({"type": "section", "fields": fields[at : at + MOST_FIELDS]} for at in range(0, len(fields), MOST_FIELDS)),
        {"type": "section", "text": _link(words.link, "Incident in Argus", LONGEST_SECTION)},
        {"type": "context", "elements": [_plain(words.why, LONGEST_FIELD), _plain(words.stop, LONGEST_FIELD)]},
    ]
    text = f"{words.headline}\n{words.happened}\n{words.link}"
    return {"text": escaped(text, LONGEST_SECTION), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def escaped(text: str, longest: int) -> str:
    """Return a text without Slack's control characters, no longer than `longest` as Slack counts (UTF-16)."""
    safe = text.translate(ESCAPES)
    units = safe.encode("utf-16-le")
    if len(units) <= 2 * longest:
        return safe
    return CUT_ENTITY.sub("", units[: 2 * (longest - 1)].decode("utf-16-le", "ignore")) + "…"


def webhook(address: str) -> str:
    """Return the address of a webhook, which may be written as Apprise does.

    Raises:
        Undeliverable: it is not one of a webhook.
    """
    if not address.startswith("slack://"):
        return address
    found = APPRISE_ADDRESS.fullmatch(address)
    if found is None:
        raise Undeliverable("of slack:// addresses only those of webhooks are known: slack://T…/B…/…")
    return f"{WEBHOOKS}/{found['workspace']}/{found['hook']}/{found['token']}"


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _plain(text, LONGEST_SECTION)}


def _field(name: str, value: str) -> dict[str, Any]:
    if is_link(value) and len(value) < LONGEST_FIELD // 5:
        return _link(value, name, LONGEST_FIELD)
    return _plain(f"{name}: {value}", LONGEST_FIELD)


def _plain(text: str, longest: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": escaped(text, longest), "emoji": False}


def _link(address: str, name: str, longest: int) -> dict[str, Any]:
    address = address.replace("|", "%7C")
    return {"type": "mrkdwn", "text": f"<{escaped(address, longest // 2)}|{name}>", "verbatim": True}


def open_slack(settings: Settings) -> AbstractAsyncContextManager[Posting]:
    """Give the medium with its pool of connections."""
    return open_posting(settings, SlackSettings, post)
