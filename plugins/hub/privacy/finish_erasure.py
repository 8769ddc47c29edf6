"""What an erasure does once the keys are destroyed: delivered bytes go, space is reclaimed, files are masked, Airflow's
database is cleaned, and everything is searched again.

Cut short anywhere, it is done again when the erasure is asked for again, until the certificate is written.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.privacy import hub_files, person_traces, vault_erasure
from hub.privacy.airflow_database import clean_airflow
from hub.privacy.archive_search import search_archive
from hub.privacy.certificate import Certificate, Store, read_certificate, write_certificate
from hub.privacy.found_stores import BY_TEXT, QUARANTINE, still_in_quarantine
from hub.privacy.landed_files import carry_out_removal
from hub.privacy.plain_text import TextSearch
from hub.privacy.text_mentions import TEXTS, read_mentions, store_of
from hub.privacy.unfinished import Unfinished, forget_unfinished, read_unfinished
from hub.settings import Settings
from hub.vault.reading import VaultReader
from hub.warehouse.engine import begin


def finish_erasure(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, done: sa.Row[Any], airflow: sa.Engine | None
) -> tuple[Certificate, Path]:
    """Finish an erasure whose keys are destroyed, and return its certificate and the file it is in; of one that is
    finished, the certificate that was written. The caller holds the lock of erasures."""
    path = settings.home / "erasures" / f"{done.erasure_id}.json"
    carry_out_removal(settings, done.erasure_id)
    if done.finished_at is not None and path.exists():
        return read_certificate(path), path
    left = read_unfinished(settings, done.erasure_id)
    feeds = {name.split(".")[0] for name in done.subjects} & catalogue.contracts.keys()
    reclaimed = person_traces.reclaim(engine, feeds)
    stores = [] if left is None else _search_again(settings, engine, catalogue, done, left, airflow)
    are_kept = person_traces.counts_are_kept(engine, catalogue)
    stores += [reclaimed] if stores else []
    certificate = write_certificate(settings, done, stores, path, counts_are_kept=are_kept)
    if not reclaimed.not_searched:
        with begin(engine) as connection:
            vault_erasure.note_finished(connection, done.erasure_id)
        forget_unfinished(settings, done.erasure_id)
    return certificate, path


def _search_again(
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
    done: sa.Row[Any],
    left: Unfinished,
    airflow: sa.Engine | None,
) -> list[Store]:
    """Mask files and Airflow's database, and look through every quarantined row, table and file once more."""
    everything = left.identity.with_shared_contacts
    text, how = TextSearch.of(everything), f"as text: {BY_TEXT}"
    files, masked = hub_files.mask_files(settings, text)
    of_airflow = clean_airflow(airflow, everything)
    reader = VaultReader(settings, "erasure of a person, searched again", done.decided_by)
    with begin(engine) as connection:
        listed = read_mentions(connection, done.erasure_id)
    rows = person_traces.find_quarantined(reader, engine, catalogue, left.identity)[1]
    tables, holding = person_traces.search_tables(engine, text)
    archive = search_archive(settings, engine, text)
    looked_at, still, not_searched = hub_files.search_files(settings, text)
    of_then = {one.store: one for one in left.stores}
    quarantine, texts = of_then[QUARANTINE], of_then[TEXTS]
    of_now = {
        **of_then,
        QUARANTINE: still_in_quarantine(quarantine, rows),
        TEXTS: store_of(listed, texts.looked_at),
    }
    return [
        *of_now.values(),
        Store("extracts, logs and other files", files, masked, masked, 0, how, "pieces masked"),
        *([of_airflow] if of_airflow else []),
        Store(
            "all tables of the database, searched again",
            tables,
            len(holding),
            0,
            len(holding),
            how=f"{how}; {person_traces.COLUMNS_LEFT_OUT}",
            left_in=holding,
        ),
        *([archive] if archive.looked_at else []),
        replace(
            Store("all files of the hub, searched again", looked_at, len(still), 0, len(still)),
            how=how,
            not_searched=not_searched,
            left_in=still,
        ),
    ]
