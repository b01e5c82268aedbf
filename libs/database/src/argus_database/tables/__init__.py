"""The tables: `configuration` (what people set up) and `incidents` (the read model of the log)."""
