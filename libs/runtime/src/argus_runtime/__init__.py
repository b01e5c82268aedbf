"""What every service does alike: Kafka, settings, logs, metrics, lifecycle."""
