"""Looking for a person in the archive. Rows that name somebody in a personal column are in raw; what is looked for here
is a person in other columns, which an erasure reports of the database's tables, too, and leaves."""

import sqlalchemy as sa

from hub.ingest.archive.objects import open_file
from hub.ingest.archive.queries import all_names
from hub.ingest.archive.upkeep import remove_all_unlisted
from hub.privacy.certificate import Store
from hub.privacy.found_stores import BY_TEXT
from hub.privacy.plain_text import NotSearchable, TextSearch
from hub.settings import Settings
from hub.warehouse.engine import begin

ARCHIVE = "archive"


def search_archive(settings: Settings, engine: sa.Engine, text: TextSearch) -> Store:
    """Look through all files of the archive; those that the ledger does not list are removed first."""
    remove_all_unlisted(settings, engine)
    with begin(engine) as connection:
        names = sorted(all_names(connection))
    holding, not_searched, looked_at = list[str](), list[str](), 0
    for name in names:
        try:
            with open_file(settings, name) as file:
                data = file.read()
        except FileNotFoundError:  # its delivery was withdrawn meanwhile
            continue
        looked_at += 1
        try:
            if text.mask(data, settings.max_unpacked_bytes)[0]:
                holding.append(f"{ARCHIVE}/{name}")
        except NotSearchable:
            not_searched.append(f"{ARCHIVE}/{name}")
    return Store(
        ARCHIVE,
        looked_at,
        len(holding),
        0,
        len(holding),
        how=f"as text: {BY_TEXT}",
        not_searched=not_searched,
        left_in=holding,
    )
