"""Quality letters that wait in the outbox for somebody to send them on."""

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa

from hub.monitoring.quality_letters import letters_folder
from hub.notifications.causes import LOOKED_BACK, Told
from hub.store import Store

LETTERS = "letters"
_LASTING = sa.text("select cause from ledger.notifications where kind = :kind and over_at is null")


def written_letters(engine: sa.Engine, store: Store, now: datetime) -> Iterator[Told]:
    """One thing to tell for each feed and month of which letters were written since :data:`LOOKED_BACK`, and what
    was told of for as long as they lie there. Raises :class:`~hub.store.StoreProblem`."""
    with engine.connect() as connection:
        feeds = connection.execute(sa.text("select feed, owner from ledger.feeds order by feed")).all()
        lasting = set[str](connection.execute(_LASTING, {"kind": LETTERS}).scalars())
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
            cause = f"{LETTERS}:{row.feed}:{month}"
            if min(times) > now - LOOKED_BACK or cause in lasting:
                detail = f"{len(times)} for {month}, in outbox/{folder}"
                yield Told(cause, LETTERS, row.owner, row.feed, None, min(times), detail)
