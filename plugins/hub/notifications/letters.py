"""Quality letters that wait in the outbox for somebody to send them on."""

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa

from hub.monitoring.quality_letters import letters_folder
from hub.notifications.causes import LOOKED_BACK, Told
from hub.store import Store


def written_letters(engine: sa.Engine, store: Store, now: datetime) -> Iterator[Told]:
    """One thing to tell for each feed and month of which letters were written since :data:`LOOKED_BACK`. Raises
    :class:`~hub.store.StoreProblem`."""
    with engine.connect() as connection:
        feeds = connection.execute(sa.text("select feed, owner from ledger.feeds order by feed")).all()
    for row in feeds:
        written: dict[str, list[datetime]] = {}
        folder = letters_folder(row.feed)
        for file in store.files(folder):
            name = file.name.rpartition("/")[2]
            if name.endswith(".txt"):
                written.setdefault(name.partition("_")[0], []).append(
                    datetime.fromtimestamp(file.changed_ns / 1e9, UTC)
                )
        for month, times in sorted(written.items()):
            if min(times) > now - LOOKED_BACK:
                detail = f"{len(times)} for {month}, in outbox/{folder}"
                yield Told(f"letters:{row.feed}:{month}", "letters", row.owner, row.feed, None, min(times), detail)
