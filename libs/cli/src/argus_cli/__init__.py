"""The argus command for operators."""
