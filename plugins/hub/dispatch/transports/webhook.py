"""A signed webhook by the Standard Webhooks specification: ``webhook-id`` is the dispatch's, so a receiver can tell a
repeat, and ``webhook-signature`` is made with each secret that the hub and the receiver share.

An answer of success is the receipt. Where it is lost nobody can know whether the document was taken: it is sent again.
"""

import asyncio
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
from standardwebhooks.webhooks import EmptyWebhookSecretError
from standardwebhooks.webhooks import Webhook as Signer

from hub.dispatch.transports import Parcel, PermanentFault, Receipt, TransientFault

PATIENCE_SECONDS = 20.0
"""How long all may take, from looking the receiver up to its answer."""
NEVER = frozenset({400, 413, 415, 422})
"""The receiver read the document and refuses it; anything else can pass."""


class Webhook:
    """A receiver at ``url``. The file ``secret`` has a ``whsec_`` secret a line: two while they are changed. It is read
    each time, so that a changed one holds at once."""

    def __init__(self, url: str, secret: Path, seconds: float = PATIENCE_SECONDS) -> None:
        self.url, self.secret, self.seconds = url, secret, seconds

    def send(self, parcel: Parcel) -> Receipt:
        """Post the document. Raises :class:`TransientFault` or :class:`PermanentFault`."""
        headers = self._signed(parcel)
        try:
            code = asyncio.run(self._post(parcel.text.encode(), headers))
        except (httpx.HTTPError, TimeoutError) as error:
            raise TransientFault(f"the webhook: {type(error).__name__}") from None
        if code in NEVER:
            raise PermanentFault(f"the webhook refuses it: HTTP {code}")
        if not 200 <= code < 300:
            raise TransientFault(f"the webhook: HTTP {code}")
        taken = f"HTTP {code} of the webhook at {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        return Receipt(f"{taken}, SHA-256 {parcel.sha256}", True)

    async def _post(self, content: bytes, headers: Mapping[str, str]) -> int:
        # The client's own time-out starts again with each byte, so one for the whole exchange is set around it. The
        # body of the answer is not read: nothing in it is needed, and it can be of any length.
        async with (
            asyncio.timeout(self.seconds),
            httpx.AsyncClient(timeout=self.seconds) as client,
            client.stream("POST", self.url, content=content, headers=headers) as got,
        ):
            return got.status_code

    def deliveries(self, _: Collection[UUID], /) -> Mapping[UUID, str]:
        """None: a document that was taken is delivered."""
        return {}

    def collect_answers(self, _: Path, /) -> int:
        """None: answers come as files by another way."""
        return 0

    def close(self) -> None:
        """Nothing is open."""

    def _signed(self, parcel: Parcel) -> dict[str, str]:
        now = datetime.now(UTC)
        try:
            secrets = self.secret.read_text().split()
            signatures = [Signer(one).sign(parcel.name, now, parcel.text) for one in secrets]
        except (OSError, ValueError, EmptyWebhookSecretError):
            signatures = []
        if not signatures:
            raise TransientFault(f"no secret can be read from {self.secret.name} under secrets/recipients")
        return {
            "content-type": "application/json",
            "webhook-id": parcel.name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }
