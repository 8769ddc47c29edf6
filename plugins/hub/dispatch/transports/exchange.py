"""The exchange: a document waits there until its recipient fetches it."""

import uuid
from collections.abc import Collection, Mapping
from pathlib import Path

from hub.dispatch.transports import Parcel, PermanentFault, Receipt


class Exchange:
    """Nothing is pushed. The exchange itself writes down who has fetched what, and hands answers to ingest."""

    def send(self, parcel: Parcel) -> Receipt:
        """Let the document be fetched from now on. Raises :class:`PermanentFault` for what the exchange has no place
        for: that persons were erased whom an earlier transport has brought."""
        if parcel.document not in ("package", "withdrawal"):
            raise PermanentFault("the exchange cannot tell whom to erase: tell the recipient by word")
        return Receipt(f"{parcel.name} waits at the exchange, SHA-256 {parcel.sha256}", False)

    def deliveries(self, _: Collection[uuid.UUID], /) -> Mapping[uuid.UUID, str]:
        """None that the ledger does not know."""
        return {}

    def collect_answers(self, _: Path, /) -> int:
        """None: they are in the drop folder already."""
        return 0

    def close(self) -> None:
        """Nothing is open."""
