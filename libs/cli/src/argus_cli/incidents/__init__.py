"""Incidents from the command line: through the HTTP API, so that all its rules hold for them, too."""
