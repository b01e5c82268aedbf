"""The order of one incident's reports, also where Kafka confirms the second and loses the first."""

from argus_ingest.appending import Pending
from argus_runtime.kafka import Partition, Place


class Order:
    """Remembers by key what is not confirmed yet.

    A later record of the same key is sent after it, and fails with it; so a batch that is tried again never finds that
    its second half went ahead of its first.
    """

    def __init__(self) -> None:
        self._unconfirmed: dict[str, tuple[Place, Pending]] = {}

    def before(self, key: str, place: Place) -> Pending | None:
        """Return what becomes the place of the record that the one at `place` is to be sent after, if there is one."""
        before = self._unconfirmed.get(key)
        if before is None or before[0].partition != place.partition or before[0].offset >= place.offset:
            return None
        return before[1]

    def sent(self, key: str, place: Place, confirmation: Pending) -> None:
        """Take note that the record at `place` is under way."""
        self._unconfirmed[key] = (place, confirmation)
        confirmation.add_done_callback(lambda done: self._confirmed(key, done))

    def forget(self, partitions: set[Partition]) -> None:
        """Forget what is under way from partitions that begin anew."""
        self._unconfirmed = {
            key: (place, under_way)
            for key, (place, under_way) in self._unconfirmed.items()
            if place.partition not in partitions
        }

    def _confirmed(self, key: str, done: Pending) -> None:
        held = self._unconfirmed.get(key)
        if held is not None and held[1] is done and not done.cancelled() and done.exception() is None:
            del self._unconfirmed[key]
