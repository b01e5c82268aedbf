"""A module that fails when it is imported."""

raise RuntimeError("a library of this medium is not installed")
