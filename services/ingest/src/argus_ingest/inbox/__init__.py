"""Reports from Kafka: `reports.<slug>`, one topic a source, to `incident-events`."""
