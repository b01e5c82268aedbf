"""Decides who is told of what."""
