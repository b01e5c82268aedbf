"""What a glue service has made of what it watches."""

from collections.abc import Callable
from typing import Any

from tests.eventually import eventually
from tests.pipeline.clients import incidents_of
from tests.stack import SourceAccount


async def seen(url: str, source: SourceAccount) -> dict[str, dict[str, Any]]:
    """Return the incidents of a source by the ids that it gave them."""
    return {each["source_incident_id"]: each for each in await incidents_of(url, source.token)}


async def becomes(
    url: str, source: SourceAccount, condition: Callable[[dict[str, dict[str, Any]]], bool], within: float = 30
) -> dict[str, dict[str, Any]]:
    """Wait until the incidents of a source, by their ids, fulfil a condition, and return them."""

    async def fulfilled() -> dict[str, dict[str, Any]] | None:
        found = await seen(url, source)
        return found if condition(found) else None

    found: dict[str, dict[str, Any]] = await eventually(fulfilled, within=within, pause=0.2)
    return found


def tags_of(incident: dict[str, Any]) -> set[str]:
    """Return the tags of an incident as `key=value`."""
    return {tag["tag"] for tag in incident["tags"]}
