"""Looking at what a request brings before Airflow does."""

from starlette.types import Message, Receive

MOST_BYTES = 1024 * 1024


class TooLong(Exception):
    """A request brings more than is looked at."""


async def read_body(receive: Receive) -> tuple[bytes, Receive]:
    """What a request brings, and a channel that hands it on. Raises :class:`TooLong`."""
    messages: list[Message] = []
    size = 0
    while not messages or messages[-1].get("more_body"):
        messages.append(await receive())
        size += len(messages[-1].get("body", b""))
        if size > MOST_BYTES:
            raise TooLong
    coming = iter(messages)

    async def again() -> Message:
        message = next(coming, None)
        return await receive() if message is None else message

    return b"".join(one.get("body", b"") for one in messages), again
