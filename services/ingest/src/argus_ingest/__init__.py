"""Takes reports and write requests and appends them to the log."""
