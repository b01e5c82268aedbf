"""Does the read model agree with the log? Reads both, changes nothing."""
