"""Where each reader of the log stands, and telling it where to go on."""
