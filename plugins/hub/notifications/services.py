"""A message to Teams, Slack, a webhook or any other service that Apprise knows by its address."""

import logging
from urllib.parse import urlsplit

import apprise

from hub.notifications.kinds import Severity
from hub.notifications.outbox import Message
from hub.notifications.taken import NotTaken, body

TYPES = {
    Severity.NOTICE: apprise.NotifyType.INFO,
    Severity.WARNING: apprise.NotifyType.WARNING,
    Severity.URGENT: apprise.NotifyType.FAILURE,
}
WEBHOOK_SCHEMES = frozenset({"json", "jsons", "xml", "xmls", "form", "forms"})
"""Addresses with these schemes can name headers to be sent."""


def send_to_service(address: str, message: Message, timeout_seconds: float) -> str:
    """Hand a message to the service at an address of Apprise; returns ``taken``. No answer within
    ``timeout_seconds`` is a failure. Raises :class:`NotTaken` where the service did not say that it has taken it."""
    # No redirects: they would be followed without the message. No tries again here: the outbox tries again, and later,
    # so that a service which took the message and did not answer does not have it twice at once.
    asset = apprise.AppriseAsset(
        app_id="Hate crime hub",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,
        default_service_retry=0,
        async_mode=False,
    )
    service = apprise.Apprise.instantiate(_with_options(address, message, timeout_seconds), asset=asset)
    if service is None:
        raise NotTaken("the address is none that Apprise knows")
    # This class of Apprise has no type hints.
    with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as log:  # type: ignore[no-untyped-call]
        is_taken = apprise.Apprise(service, asset=asset).notify(
            body=body(message), title=f"[{message.severity}] {message.title}", notify_type=TYPES[message.severity]
        )
        said = log.getvalue().strip()
    if not is_taken:
        raise NotTaken(_last_words(said))
    return "taken"


def _with_options(address: str, message: Message, timeout_seconds: float) -> str:
    """The address with the time-outs of connecting and reading, and for a webhook the header by which it can tell a
    repeat (``+name=value``, as Apprise takes a header)."""
    options = [f"cto={timeout_seconds}", f"rto={timeout_seconds}"]
    if urlsplit(address).scheme in WEBHOOK_SCHEMES:
        options.append(f"%2BIdempotency-Key={message.notification_id}")
    return f"{address}{'&' if '?' in address else '?'}{'&'.join(options)}"


def _last_words(said: str) -> str:
    """Apprise's own last warning, which names a host and a code."""
    return said.splitlines()[-1] if said else "the service did not take it"
