"""What an entry point of the group `argus.media` names."""

from dataclasses import dataclass
from pkgutil import resolve_name

from argus_media.interface import OpenMedium
from argus_media.kinds import MediumKind


@dataclass(frozen=True, slots=True)
class Plugin:
    """A medium: what everybody may know of it, and where that which sends is.

    The api imports the entry point, and dispatch what it opens: a client library of the medium need not be installed
    beside the api, if only the module that `open` names imports it.
    """

    kind: MediumKind
    open: str
    """`package.module:function` of an `OpenMedium`."""

    def opener(self) -> OpenMedium:
        """Return what opens the medium; it may fail in any way that an import can."""
        opener: OpenMedium = resolve_name(self.open)
        return opener
