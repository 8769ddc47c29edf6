"""Quality letters that wait in the outbox for somebody to send them on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from hub.notifications.causes import LOOKED_BACK, Told


def written_letters(connection: sa.Connection, outbox: Path, now: datetime) -> Iterator[Told]:
    """One thing to tell for each feed and month of which letters were written since :data:`LOOKED_BACK`."""
    for row in connection.execute(sa.text("select feed, owner from ledger.feeds order by feed")).all():
        written: dict[str, list[datetime]] = {}
        for path in (outbox / row.feed / "letters").glob("*.txt"):
            month = path.name.partition("_")[0]
            written.setdefault(month, []).append(datetime.fromtimestamp(path.stat().st_mtime, UTC))
        for month, times in sorted(written.items()):
            if min(times) > now - LOOKED_BACK:
                detail = f"{len(times)} for {month}, in outbox/{row.feed}/letters"
                yield Told(f"letters:{row.feed}:{month}", "letters", row.owner, row.feed, None, min(times), detail)
