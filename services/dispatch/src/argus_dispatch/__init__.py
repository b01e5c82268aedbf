"""Delivers notifications to people."""
