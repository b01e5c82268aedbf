"""Errors of the local stack; each message is the one line that a person reads.

* LocalError
  * DownloadFailed   an artifact could not be fetched, or is not the one that was locked
  * Unsupported      this machine lacks something that cannot be installed from here
  * PortInUse        another program listens where we were told to
  * DataInUse        another `argus up` works on the same data
  * StartFailed      a program did not become ready
"""


class LocalError(Exception):
    """Something about this machine keeps the local stack from running."""


class DownloadFailed(LocalError):
    """An artifact could not be fetched, or is not the one that was locked."""


class Unsupported(LocalError):
    """This machine lacks something that cannot be installed from here."""


class PortInUse(LocalError):
    """Another program listens on the port that was asked for."""


class DataInUse(LocalError):
    """Another process works on the same data folder."""


class StartFailed(LocalError):
    """A program ended, or did not become ready in time."""
