"""Folds the log into PostgreSQL."""
