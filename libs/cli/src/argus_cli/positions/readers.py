"""Who reads what with a position of its own, and what it means to move that."""

from dataclasses import dataclass
from typing import Any

from argus_schemas.topics import DELIVERIES, INCIDENT_EVENTS, NOTIFICATIONS, REPORTS, Topic


@dataclass(frozen=True, slots=True)
class Reader:
    """A service whose work begins again where its position says."""

    name: str
    """Also its consumer group, and its word in the command."""
    topics: tuple[Topic[Any], ...]
    again: str
    """What happens to records that it reads a second time."""
    passed: str
    """What becomes of records that it passes over."""
    in_postgresql: bool = False
    """Whether its positions stand with its rows, so that it may run while they are set."""
    remembers: bool = False
    """Whether it keeps states on the log, without which a position would be new."""

    def reads(self, topic: str) -> bool:
        """Tell whether it reads the topic of that name, without prefix."""
        reports = f"{REPORTS.name}."
        return any(topic.startswith(reports) if one is REPORTS else topic == one.name for one in self.topics)


READERS = {
    reader.name: reader
    for reader in (
        Reader(
            "ingest", (REPORTS,),
            again="Reports that are read again get the event ids that they had, and are known as repeats.",
            passed="Reports that are passed over never become incidents or events.",
        ),
        Reader(
            "store", (INCIDENT_EVENTS, NOTIFICATIONS, DELIVERIES), in_postgresql=True,
            again="Records that are read again change no row.",
            passed="Records that are passed over have no rows; `argus verify` names them as long as the log has them.",
        ),
        Reader(
            "matcher", (INCIDENT_EVENTS,), remembers=True,
            again="Events that are read again are matched with the incidents as they are remembered now. Their"
            " notifications have the ids that they had, so what dispatch remembers as sent is not sent again; events"
            " older than a day (a setting) tell nobody.",
            passed="Nobody is told of events that are passed over, and what the matcher remembers of their incidents"
            " stays as it was before them: one that ended there counts as open until its next event.",
        ),
        Reader(
            "dispatch", (NOTIFICATIONS,),
            again="Notifications that are read again are sent again only where no delivery on the log says that they"
            " were; their ids are the same.",
            passed="Notifications that are passed over are never sent.",
        ),
    )
}  # fmt: skip
