"""Which rules speak about an event: the profiles that want it, and the maintenance that holds it back.

The matcher asks through `Index` alone, so that a faster engine can take the loop's place.
"""

from argus_matcher.index.loop import LoopIndex
from argus_matcher.index.protocol import Index

__all__ = ["Index", "LoopIndex"]
