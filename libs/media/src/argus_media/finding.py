"""The media that are installed; one that cannot be used is left out, and stops nobody."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from argus_media.kinds import MediumKind
from argus_media.metrics import UNUSABLE
from argus_media.plugin import Plugin

log = logging.getLogger(__name__)

GROUP = "argus.media"
OURS = "argus-media"

Media = Mapping[str, Plugin]
"""By their slugs."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the entry points name."""

    plugins: Media
    faults: Mapping[str, str]
    """Why a medium of this slug cannot be used."""


def look(*, points: Callable[..., Iterable[EntryPoint]] = entry_points) -> Found:
    """Return what is installed now; what cannot be used is logged and counted."""
    plugins: dict[str, Plugin] = {}
    faults: dict[str, str] = {}
    for point in sorted(points(group=GROUP), key=_precedence):
        try:
            plugin = _usable(point, plugins)
        except (Exception, SystemExit) as error:  # a plugin of somebody else's may fail in any way
            fault = f"{type(error).__name__}: {error}"
            log.error("medium %s of %s cannot be used: %s", point.name, _package(point), fault)  # noqa: TRY400
            UNUSABLE.labels(point.name).inc()
            faults.setdefault(point.name, fault)
        else:
            plugins[point.name] = plugin
    return Found(plugins, {slug: fault for slug, fault in faults.items() if slug not in plugins})


@cache
def found() -> Found:
    """Return what is installed, looked for once in a process."""
    return look()


def installed() -> Media:
    """Return the media that can be used, by their slugs."""
    return found().plugins


def kind_of(slug: str) -> MediumKind | None:
    """Return the kind of an installed medium."""
    plugin = installed().get(slug)
    return plugin.kind if plugin else None


def chosen(names: Collection[str]) -> Media:
    """Return the installed media that the setting `ARGUS_MEDIA` names; all if it names none."""
    if missing := sorted(set(names) - installed().keys()):
        log.error("ARGUS_MEDIA names media that are not installed: %s", ", ".join(missing))
    return {slug: plugin for slug, plugin in installed().items() if not names or slug in names}


def _usable(point: EntryPoint, plugins: Mapping[str, Plugin]) -> Plugin:
    if point.name in plugins:
        raise ValueError("another package has a medium of this slug")
    plugin = point.load()
    if not isinstance(plugin, Plugin):
        raise TypeError(f"{point.value} is no argus_media.Plugin")
    if plugin.kind.slug != point.name:
        raise ValueError(f"the slug of {point.value} is {plugin.kind.slug}")
    plugin.kind.schema()  # what has none could not be shown by the api
    return plugin


def _precedence(point: EntryPoint) -> tuple[bool, str, str]:
    """Return by what media are taken: ours first, then in an order that is the same in every service."""
    package = _package(point)
    return package != OURS, package, point.value


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else ""
