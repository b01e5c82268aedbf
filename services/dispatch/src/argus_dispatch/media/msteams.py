"""Microsoft Teams: an Adaptive Card for a webhook of Workflows."""

import re
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

from argus_dispatch.media.posting import Post, Posting, fitting, open_posting
from argus_dispatch.messages import Words, is_link
from argus_dispatch.settings import Settings
from argus_media import Letter
from argus_media.bundled.msteams import MsTeamsSettings
from argus_schemas.incident import Incident
from argus_schemas.words import Level

LARGEST = 28_000
"""Bytes that Teams takes."""

TWO_BRACES = re.compile(r"{(?={)")
COLOURS = {Level.CRITICAL: "attention", Level.HIGH: "attention", Level.MODERATE: "warning"}


def post(letter: Letter, words: Words) -> Post:
    """Return what is posted to the webhook of a destination."""
    incident = letter.notification.incident
    return Post(letter.settings.webhook, fitting(partial(payload, incident), words, LARGEST))


def payload(incident: Incident, words: Words) -> dict[str, Any]:
    """Return the message with its card.

    All texts are runs of rich text blocks, in which Teams reads no markup: nothing that somebody wrote can become a
    link, a picture or a mention.
    """
    colour = "good" if incident.ended_at else COLOURS.get(incident.level, "default")
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": _run(words.headline)["text"],
        "msteams": {"width": "Full"},
        "body": [
            _block(_run(words.headline, size="large", weight="bolder", color=colour)),
            _block(_run(words.happened)),
            *(_block(_run(line)) for text in (words.description, words.said) for line in text.split("\n") if line),
            *(_block(_run(f"{name}: ", weight="bolder"), _run(value)) for name, value in words.facts),
            _block(_run(f"{words.why} {words.stop}", isSubtle=True, size="small")),
        ],
        "actions": [
            _button("Incident in Argus", words.link),
            *(_button(name, value) for name, value in words.facts if is_link(value)),
        ],
    }
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def _block(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **style: Any) -> dict[str, Any]:
    """Return a piece of text; two braces would begin a function, such as one that writes a date."""
    return {"type": "TextRun", "text": TWO_BRACES.sub("{ ", text) or " ", **style}


def _button(title: str, address: str) -> dict[str, Any]:
    return {"type": "Action.OpenUrl", "title": title, "url": address}


def open_msteams(settings: Settings) -> AbstractAsyncContextManager[Posting]:
    """Give the medium with its pool of connections."""
    return open_posting(settings, MsTeamsSettings, post)
