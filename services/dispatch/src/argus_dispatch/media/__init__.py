"""Media: ways to reach people, found by entry points of the group `argus.media`.

An entry point names a function that takes dispatch's `Settings` and gives, as an async context manager, a `Medium`.
A package of somebody else's adds a medium by declaring one; the name of the entry point is the medium's slug.
"""

from argus_dispatch.errors import MediumUnavailable, Undeliverable
from argus_dispatch.media.medium import Letter, Medium, OpenMedium, find_media, open_media

__all__ = ["Letter", "Medium", "MediumUnavailable", "OpenMedium", "Undeliverable", "find_media", "open_media"]
