"""Whether a report is still as built is known also where a key has moved since the build."""

import uuid

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.contracts.values import Classification
from hub.ingest.prepare import prepare_warehouse
from hub.privacy.rotate_keys import rotate_key
from hub.settings import Settings
from hub.vault.consents import ReportChanged, Stated, current_reports, every_place_of
from hub.vault.hub_keys import Purpose
from ingest.deliveries import raw_rows, take_in
from ingest.small_feeds import column, feed

CARDS = feed(
    column("ref", required=True),
    column("reporter_email", classification=Classification.PERSONAL),
    column("agrees"),
    name="cards",
    key=("ref",),
)
CATALOGUE = Catalogue({CARDS.feed: CARDS}, {})
HEAD, REPORT = b"ref,reporter_email,agrees\n", uuid.uuid4()
BUILD = (
    "create schema if not exists staging",
    f"""create table staging.stg_cards as
        select cast('{REPORT}' as uuid) as report_id, _delivery_id as delivery_id, _row_number as row_number,
            _record_hash as record_hash, reporter_email_token, agrees = 'yes' as agrees,
            cast(null as boolean) as reporter_is_victim
        from raw.cards""",
    """create table staging.stg_ledger__deliveries as
        select delivery_id, cast(null as bigint[]) as delivery_order from ledger.deliveries""",
    "insert into ledger.builds (code_sha256, seeds_sha256) values ('x', 'x')",
    """insert into ledger.built_deliveries (delivery_id, rows_accepted, rows_duplicate, loaded_at, build_id)
        select delivery_id, rows_accepted, rows_duplicate, loaded_at, build_id
        from ledger.deliveries cross join ledger.builds""",
)


@pytest.fixture
def built(settings: Settings, engine: sa.Engine) -> Stated:
    """A report that agrees, as a build has it, and as one delivered since does no longer."""
    prepare_warehouse(engine, [CARDS])
    take_in(settings, engine, CARDS, HEAD + b"A,ada@example.org,yes\n")
    with engine.begin() as connection:
        for statement in BUILD:
            connection.execute(sa.text(statement))
        sha256 = str(connection.execute(sa.text("select sha256 from ledger.deliveries")).scalar_one())
    (row,) = raw_rows(engine, CARDS)
    take_in(settings, engine, CARDS, HEAD + b"A,ada@example.org,no\n")
    return Stated(REPORT, sha256, int(row["_row_number"]))


@pytest.mark.parametrize("moves", [False, True])
def test_a_report_that_agrees_no_longer_has_changed_also_after_the_key_of_records_moved(
    settings: Settings, engine: sa.Engine, built: Stated, moves: bool
) -> None:
    if moves:
        rotate_key(settings, engine, CATALOGUE, Purpose.RECORD)
    with engine.connect() as connection, pytest.raises(ReportChanged):
        current_reports(settings, connection, CARDS, [built], "agrees")


@pytest.mark.parametrize("moves", [False, True])
def test_all_that_a_report_stated_is_found_also_after_the_key_of_records_moved(
    settings: Settings, engine: sa.Engine, built: Stated, moves: bool
) -> None:
    if moves:
        rotate_key(settings, engine, CATALOGUE, Purpose.RECORD)
    try:
        with engine.connect() as connection:
            places = every_place_of(connection, CARDS, [built.report_id])
    except ReportChanged:
        return
    assert len(places[built.report_id]) == 2
