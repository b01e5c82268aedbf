"""Which rules speak about an event: the profiles that want it, and the maintenance that holds it back."""

from argus_matcher.index.protocol import Index
from argus_matcher.index.sifted import SiftedIndex

__all__ = ["Index", "SiftedIndex"]
