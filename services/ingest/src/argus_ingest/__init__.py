"""Takes reports and write requests about incidents, and appends them to the log."""
