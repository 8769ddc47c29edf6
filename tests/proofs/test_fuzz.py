"""Spoiled deliveries of every feed and form through the real ingest: each gets an answer, and no row is lost.

``HUB_FUZZ_FILES`` and ``HUB_FUZZ_SEED`` choose how many files the long form makes, and which.
"""

import os
import random
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pyarrow.csv as pa_csv
import pytest
import sqlalchemy as sa

from contracts.samples import STORED_AT, stored_sample
from hub.build.warehouse_build import build_warehouse
from hub.contracts.files import RejectedRows
from hub.contracts.model import Catalogue, Contract
from hub.contracts.values import Compression, FileFormat
from hub.deliveries import DeliveryResult, DeliveryStatus
from hub.ingest.archive.tables import ARCHIVE_FILES, ARCHIVE_SUMS, ARCHIVED_RECORDS
from hub.ingest.check_file import Checked, check_file
from hub.ingest.collect import collect_files
from hub.ingest.error_files import write_errors
from hub.ingest.ingest import answer_of, ingest_delivery
from hub.settings import Settings
from hub.vault.tables import QUARANTINED_TEXTS, SUBJECT_KEYS, vault_table
from hub.warehouse.tables import DELIVERIES, QUARANTINED_ROWS, RESTATED_RECORDS, raw_table
from proofs.hang_guard import hang_guard
from proofs.mutations import bytes_spoiled, parquet_spoiled, text_spoiled, zip_spoiled

SECONDS_A_FILE = 60.0
EMPTIED = 0.4
"""How often a feed's tables are emptied first: else the samples' rows are all there soon, and none is accepted."""
ANY_SHARE = RejectedRows(1.0, 1, "what is wrong with single rows is looked at here, not how many are")
ENDS = {DeliveryStatus.LOADED, DeliveryStatus.HELD, DeliveryStatus.REFUSED}


def test_spoiled_files_get_an_answer_each_and_lose_no_row(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    ends, rows = _fuzz(settings, engine, catalogue, capsys, seed=1, count=20)
    assert min(rows.values()) > 0
    assert {status for _, status in ends} >= {DeliveryStatus.LOADED, DeliveryStatus.REFUSED}


@pytest.mark.long
def test_thousands_of_spoiled_files_get_an_answer_each_and_lose_no_row(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    count = int(os.environ.get("HUB_FUZZ_FILES", "2000"))
    seed = int(os.environ.get("HUB_FUZZ_SEED", "20260301"))
    started = time.monotonic()
    build_warehouse(settings, select="path:models/staging,resource_type:model", full_refresh=True)
    ends, rows = _fuzz(
        settings,
        engine,
        catalogue,
        capsys,
        seed=seed,
        count=count,
        look=lambda feed: _staging_reads_every_row(engine, feed),
    )
    for feed in catalogue.contracts:
        _staging_reads_every_row(engine, feed)
    with capsys.disabled():
        print(f"\n{count} files in {time.monotonic() - started:.0f} s; rows: {dict(rows)}")
        for (feed, status), number in sorted(ends.items()):
            print(f"  {feed:<22} {status:<10} {number:>6}")


def _fuzz(
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
    capture: pytest.CaptureFixture[str],
    *,
    seed: int,
    count: int,
    look: Callable[[str], None] = lambda _: None,
) -> tuple[Counter[tuple[str, DeliveryStatus]], Counter[str]]:
    """How many deliveries of each feed came to which end, and what became of all their rows."""
    ends: Counter[tuple[str, DeliveryStatus]] = Counter()
    rows: Counter[str] = Counter()
    feeds = sorted(catalogue.contracts)
    path = settings.home / "spoiled"
    for number in range(seed, seed + count):
        rng = random.Random(number)
        contract = replace(catalogue.contracts[feeds[number % len(feeds)]], rejected_rows=ANY_SHARE)
        path.write_bytes(_spoiled_file(rng, contract, settings.home))
        if rng.random() < EMPTIED:
            look(contract.feed)
            _empty(engine, contract)
        # A hang ends the whole run, saying where; the file is still there.
        try:
            with hang_guard(capture, SECONDS_A_FILE):
                checked = check_file(settings, engine, contract, path)
                result = _ingest(settings, engine, contract, path)
        except Exception as error:
            raise AssertionError(f"file {number} of {contract.feed} crashed the ingest") from error
        assert result.status in ENDS, f"file {number} of {contract.feed} has no end"
        _assert_accounted_for(engine, contract, result, f"file {number} of {contract.feed}")
        _assert_checked_alike(settings, checked, result, f"file {number} of {contract.feed}")
        ends[contract.feed, result.status] += 1
        rows["read"] += result.rows_read
        rows["accepted"] += result.rows_accepted
        rows["quarantined"] += result.rows_quarantined
        rows["duplicate"] += result.rows_duplicate
    return ends, rows


def _spoiled_file(rng: random.Random, contract: Contract, folder: Path) -> bytes:
    if FileFormat.PARQUET in contract.form.formats and rng.random() < 0.5:
        return parquet_spoiled(rng, pa_csv.read_csv(stored_sample(contract, "good")), folder)
    plain = stored_sample(contract, rng.choice(("good", "good", "bad"))).read_bytes()
    if contract.form.compression is Compression.NONE:
        return text_spoiled(rng, contract.form.formats[0], plain)
    if rng.random() < 0.3:
        return zip_spoiled(rng, "rows.csv", plain)
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("rows.csv", STORED_AT), text_spoiled(rng, contract.form.formats[0], plain))
    packed = target.getvalue()
    return bytes_spoiled(rng, packed) if rng.random() < 0.1 else packed


def _ingest(settings: Settings, engine: sa.Engine, contract: Contract, path: Path) -> DeliveryResult:
    (receipt,) = collect_files(settings, engine, contract, [path])
    return ingest_delivery(settings, engine, contract, receipt.delivery_id)


def _assert_checked_alike(settings: Settings, checked: Checked, result: DeliveryResult, where: str) -> None:
    """The file had been checked before it was delivered: with the same answer and, where it is new,
    the same error file."""
    assert replace(checked.result, seconds=result.seconds) == answer_of(result), where
    if checked.result.status is DeliveryStatus.DUPLICATE:
        return
    errors = settings.home / "checked.errors.csv"
    write_errors(errors, checked.rejections)
    delivered = settings.outbox / result.feed / f"{result.delivery_id}.errors.csv"
    assert errors.exists() == delivered.exists(), where
    assert not errors.exists() or errors.read_bytes() == delivered.read_bytes(), where


def _assert_accounted_for(engine: sa.Engine, contract: Contract, result: DeliveryResult, where: str) -> None:
    raw, vault = raw_table(contract), vault_table(contract)
    with engine.connect() as connection:
        this = DELIVERIES.c.delivery_id == result.delivery_id
        row = connection.execute(sa.select(DELIVERIES).where(this)).one()
        loaded = connection.execute(sa.select(raw.c["_row_number"]).where(raw.c["_delivery_id"] == result.delivery_id))
        numbers = [number for (number,) in loaded]
        kept = connection.execute(
            sa.select(QUARANTINED_ROWS.c.row_number, QUARANTINED_TEXTS.c.encrypted)
            .join_from(
                QUARANTINED_ROWS,
                QUARANTINED_TEXTS,
                QUARANTINED_ROWS.c.quarantine_id == QUARANTINED_TEXTS.c.quarantine_id,
            )
            .where(QUARANTINED_ROWS.c.delivery_id == result.delivery_id)
        ).all()
        if vault is not None:
            in_vault = connection.execute(
                sa.select(vault.c["_row_number"]).where(vault.c["_delivery_id"] == result.delivery_id)
            )
            # Also of records that another delivery brought first: what each states of people is its own.
            restated: set[int] = set(
                connection.execute(
                    sa.select(RESTATED_RECORDS.c.row_number).where(RESTATED_RECORDS.c.delivery_id == result.delivery_id)
                ).scalars()
            )
            names = {number for (number,) in in_vault}
            # Of a record that is archived nothing is in the vault, however often it is stated.
            assert set(numbers) <= names <= {*numbers, *restated}, where
            assert contract.followed is not None or names == {*numbers, *restated}, where
        of_delivery = sa.select(ARCHIVE_SUMS.c.sum_id).where(ARCHIVE_SUMS.c.delivery_id == result.delivery_id)
        archived = sa.select(ARCHIVED_RECORDS.c.row_number).where(ARCHIVED_RECORDS.c.sum_id.in_(of_delivery))
        numbers += connection.execute(archived).scalars()
    counts = (row.rows_read, row.rows_accepted, row.rows_quarantined, row.rows_duplicate)
    assert counts == (result.rows_read, result.rows_accepted, result.rows_quarantined, result.rows_duplicate), where
    assert row.rows_read == row.rows_accepted + row.rows_quarantined + row.rows_duplicate, where
    assert (len(numbers), len(kept)) == (row.rows_accepted, row.rows_quarantined), where
    every = [*numbers, *(one.row_number for one in kept)]
    assert len(set(every)) == len(every), where
    assert set(every) <= set(range(1, row.rows_read + 1)), where
    assert (row.reason is None) == (row.status == DeliveryStatus.LOADED), where


def _empty(engine: sa.Engine, contract: Contract) -> None:
    with engine.begin() as connection:
        for table in (raw_table(contract), vault_table(contract)):
            if table is not None:
                connection.execute(sa.delete(table))
        kept = sa.select(QUARANTINED_ROWS.c.quarantine_id).where(QUARANTINED_ROWS.c.feed == contract.feed)
        connection.execute(sa.delete(QUARANTINED_TEXTS).where(QUARANTINED_TEXTS.c.quarantine_id.in_(kept)))
        connection.execute(sa.delete(SUBJECT_KEYS))
        deliveries = sa.select(DELIVERIES.c.delivery_id).where(DELIVERIES.c.feed == contract.feed)
        of_feed = sa.select(ARCHIVE_SUMS.c.sum_id).where(ARCHIVE_SUMS.c.delivery_id.in_(deliveries))
        connection.execute(sa.delete(ARCHIVED_RECORDS).where(ARCHIVED_RECORDS.c.sum_id.in_(of_feed)))
        for table in (ARCHIVE_FILES, ARCHIVE_SUMS):
            connection.execute(sa.delete(table).where(table.c.delivery_id.in_(deliveries)))
        connection.execute(sa.delete(RESTATED_RECORDS).where(RESTATED_RECORDS.c.delivery_id.in_(deliveries)))
        for table in (QUARANTINED_ROWS, DELIVERIES):
            connection.execute(sa.delete(table).where(table.c.feed == contract.feed))


def _staging_reads_every_row(engine: sa.Engine, feed: str) -> None:
    """What was accepted can be cast: one value that cannot would stop the build of everything."""
    with engine.connect() as connection:
        connection.execute(sa.text(f"select count(one::text) from staging.stg_{feed} as one")).scalar()
