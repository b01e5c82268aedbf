"""What ingest and api answer alike."""
