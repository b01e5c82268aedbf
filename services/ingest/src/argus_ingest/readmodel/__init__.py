"""What ingest asks of the read model: how far it is, what became of a record, which incident an id names."""
