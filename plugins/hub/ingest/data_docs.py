"""The page of each validated delivery under ``$HUB_HOME/data_docs``: which rules its rows kept and broke, in counts.

What a page says is in the ledger; the page of a delivery that is gone there, withdrawn or superseded goes too.
"""

import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.ingest.validation import Validated, write_pages
from hub.settings import Settings
from hub.vault.full_disk import writing_to
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

MOST_PAGES = 1_000
"""Of the newest deliveries: a page takes a tenth of a second."""
VALIDATED = sa.text("""
    select feed, delivery_id, coalesce(loaded_at, received_at) as at, rule_counts
    from ledger.deliveries
    where rule_counts <> '{}' and status in ('loaded', 'held', 'refused') and feed = any(:feeds)
    order by received_at desc, delivery_id
    limit :most
""")


def write_data_docs(settings: Settings, contracts: Mapping[str, Contract]) -> int:
    """Write the pages that are missing, and remove those of deliveries that are gone. Returns how many are written."""
    with open_warehouse(settings, Role.AUDITOR).connect() as connection:
        rows = connection.execute(VALIDATED, {"feeds": list(contracts), "most": MOST_PAGES}).all()
    wanted = {
        settings.data_docs / row.feed / f"{row.delivery_id}.{row.at:%Y%m%dT%H%M%S%f}.html": Validated(
            contracts[row.feed], row.delivery_id, row.at, row.rule_counts
        )
        for row in rows
    }
    for page in settings.data_docs.glob("*/*.html"):
        if page not in wanted:
            page.unlink()
    missing = {one.delivery_id: page for page, one in wanted.items() if not page.exists()}
    if missing:
        unfinished = settings.data_docs.with_name("data_docs.unfinished")
        with writing_to(unfinished):
            shutil.rmtree(unfinished, ignore_errors=True)
            written = write_pages((one for one in wanted.values() if one.delivery_id in missing), unfinished)
            for delivery_id, page in missing.items():
                page.parent.mkdir(parents=True, exist_ok=True)
                written[delivery_id].replace(page)
            shutil.rmtree(unfinished)
    return len(missing)


def page_of_delivery(settings: Settings, feed: str, delivery_id: uuid.UUID) -> Path | None:
    """The page of a delivery's rules, where one is written."""
    return next(iter((settings.data_docs / feed).glob(f"{delivery_id}.*.html")), None)
