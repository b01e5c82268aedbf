"""The words of the domain: levels of severity and types of events, as Argus defines them."""

from enum import IntEnum, StrEnum


class Level(IntEnum):
    """How bad an incident is; lower is worse."""

    CRITICAL = 1
    HIGH = 2
    MODERATE = 3
    LOW = 4
    INFORMATION = 5


class EventType(StrEnum):
    """What happened to an incident (specification 1.7)."""

    START = "STA"
    END = "END"
    CHANGE = "CHI"
    RESTART = "RES"
    CLOSE = "CLO"
    REOPEN = "REO"
    ACKNOWLEDGE = "ACK"
    OTHER = "OTH"
    STATELESS = "LES"

    @property
    def display(self) -> str:
        """The name that people read."""
        return DISPLAYS[self]


DISPLAYS = {
    EventType.START: "Incident start",
    EventType.END: "Incident end",
    EventType.CHANGE: "Incident change",
    EventType.RESTART: "Incident restart",
    EventType.CLOSE: "Close",
    EventType.REOPEN: "Reopen",
    EventType.ACKNOWLEDGE: "Acknowledge",
    EventType.OTHER: "Other",
    EventType.STATELESS: "Stateless",
}
