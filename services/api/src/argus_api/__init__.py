"""Serves reads and configuration."""
