"""Writes of configuration: each puts the documents that it changes into the outbox, in the same transaction."""
