"""What ingest and api answer alike: authentication, errors, fields, representations, pages."""
