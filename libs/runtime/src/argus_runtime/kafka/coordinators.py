"""What the coordinator of a group says when it has no answer yet."""

from typing import Any

from aiokafka import AIOKafkaConsumer, errors
from aiokafka.protocol.commit import OffsetFetchRequest

MOVED = (errors.NotCoordinatorForGroupError, errors.GroupCoordinatorNotAvailableError)


def with_group_errors(client: AIOKafkaConsumer) -> None:
    """Let a started `client` ask again for positions until its group's coordinator knows them.

    A coordinator that has only just become one refuses the whole question. aiokafka 0.14 looks for such an error at
    each partition alone, of which the refusal names none, and takes it for "no position": a reader would begin anew.
    """
    coordinator = client._coordinator  # noqa: SLF001  there is no setting
    send = coordinator._send_req  # noqa: SLF001

    async def sent(request: Any) -> Any:
        answer = await send(request)
        if isinstance(request, OffsetFetchRequest) and (code := getattr(answer, "error_code", 0)):
            error = errors.for_code(code)
            if error in MOVED:
                coordinator.coordinator_dead()
            raise error
        return answer

    coordinator._send_req = sent  # noqa: SLF001
