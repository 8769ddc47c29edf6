"""What all channels share: the text of a message, and the error of one that was not taken."""

from hub.notifications.outbox import Message


class NotTaken(Exception):
    """The channel did not say that it has taken a message; why, in a few words that hold no secret."""


def body(message: Message) -> str:
    """The message below its title, as plain text."""
    over = (f"Over since: {message.over_at:%Y-%m-%d %H:%M} UTC; nothing is left to do",) if message.over_at else ()
    return "\n".join([*message.lines, *over, f"Message: {message.notification_id}", ""])
