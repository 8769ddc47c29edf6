"""The data catalogue names every published column, what it means, and the columns of files that it comes from."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.build import BuildFailed, builds, dbt_project, describe_sources
from hub.contracts.model import Catalogue
from hub.data_catalogue import DataCatalogue, Origin, OriginKind, dbt_page, read_data_catalogue, write_data_catalogue
from hub.data_catalogue.ways import MADE_FROM
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.conftest import Built

READ_BY = {"linkage": "linkage", "disclosure": "disclosure", "forecast": "forecast"}
"""The package that makes the tables of each of the hub's own schemas."""
READ = re.compile(r"\b(?:intermediate|marts|staging)\.((?:int|fct|dim|agg|stg)_\w+)")
OF_PEOPLES_WORD = {"tasking_decisions"}


def files_of(origins: tuple[Origin, ...]) -> set[str]:
    return {f"{one.relation}.{one.column}" for one in origins if one.kind is OriginKind.FILE}


@pytest.mark.long
def test_the_catalogue_leads_from_published_columns_to_delivered_files(
    warehouse: Settings, catalogue: Catalogue
) -> None:
    assert write_data_catalogue(warehouse)
    written, page = read_data_catalogue(warehouse), dbt_page(warehouse).stat().st_mtime_ns
    _every_published_column_is_there_and_means_something(warehouse, written)
    _a_column_leads_back_to_the_files(written)
    _what_the_hub_decides_leads_back_through_the_vault(written, catalogue)
    _each_way_ends_at_a_file_a_code_list_or_the_hubs_record(written, catalogue)
    # Of the same models it is not written again.
    assert not write_data_catalogue(warehouse)
    assert dbt_page(warehouse).stat().st_mtime_ns == page


def test_no_catalogue_is_written_of_models_that_are_not_built_yet(settings: Settings) -> None:
    with pytest.raises(BuildFailed, match="hub build first"):
        write_data_catalogue(settings)
    engine = open_warehouse(settings, Role.TRANSFORMER)
    builds.start_build(engine, selection=None, code_sha256="of other models", seeds_sha256="")
    with engine.begin() as connection:
        connection.execute(sa.text("update ledger.builds set status = 'succeeded', finished_at = clock_timestamp()"))
    with pytest.raises(BuildFailed, match="hub build first"):
        write_data_catalogue(settings)
    assert not settings.catalogue.exists()


def _every_published_column_is_there_and_means_something(settings: Settings, written: DataCatalogue) -> None:
    with open_warehouse(settings, Role.TRANSFORMER).connect() as connection:
        inspector = sa.inspect(connection)
        names = inspector.get_view_names("candidate")
        columns = {name: {str(one["name"]) for one in inspector.get_columns(name, "candidate")} for name in names}
    assert {name: {one.name for one in view.columns} for name, view in written.views.items()} == columns
    assert all(one.description for view in written.views.values() for one in view.columns)


def _a_column_leads_back_to_the_files(written: DataCatalogue) -> None:
    incidents = {one.name: one for one in written.views["incidents_v1"].columns}
    feeds = ("community_reports", "police_hate_crimes", "true_vision_reports", "volunteer_reports")
    assert files_of(incidents["strands"].origins) == {f"{feed}.strands" for feed in feeds}
    assert incidents["force_name"].origins == (Origin(OriginKind.CODE_LIST, "police_forces", "force_name"),)
    assert incidents["incident_id"].steps == ("linkage.report_incidents",)


def _what_the_hub_decides_leads_back_through_the_vault(written: DataCatalogue, catalogue: Catalogue) -> None:
    persons = files_of(written.steps["linkage.mention_persons"].origins)
    personal = {
        f"{feed}.{one.name}" for feed, contract in catalogue.contracts.items() for one in contract.personal_columns
    }
    assert personal <= persons
    assert set(written.steps["disclosure.cells"].steps) == {"linkage.mention_persons", "linkage.report_incidents"}


def _each_way_ends_at_a_file_a_code_list_or_the_hubs_record(written: DataCatalogue, catalogue: Catalogue) -> None:
    ends = {origin for view in written.views.values() for one in view.columns for origin in one.origins}
    files = {(feed, one.name) for feed, contract in catalogue.contracts.items() for one in contract.columns}
    assert {(one.relation, one.column) for one in ends if one.kind is OriginKind.FILE} <= files
    kept = {one.relation.partition(".")[0] for one in ends if one.kind is OriginKind.HUB}
    assert kept <= {"raw", "ledger", "forecast", "pg_catalog"}
    steps = {step for view in written.views.values() for one in view.columns for step in one.steps}
    assert steps <= written.steps.keys()


def test_what_the_hub_makes_says_all_that_it_reads_for_it(settings: Settings) -> None:
    manifest = dbt_project(settings)
    for schema, package in READ_BY.items():
        told: set[str] = set()
        for source in manifest.sources.values():
            if source.schema == schema and source.identifier not in OF_PEOPLES_WORD:
                told.update(source.config.meta[MADE_FROM])
        code = "".join(path.read_text() for path in Path(settings.project, "plugins", "hub", package).rglob("*.py"))
        assert set(READ.findall(code)) <= told, schema


def test_every_column_of_the_hubs_own_tables_is_described(built: Built) -> None:
    manifest = dbt_project(built.settings)
    describe_sources(manifest, open_warehouse(built.settings, Role.TRANSFORMER))
    columns = {
        f"{source.source_name}.{source.name}.{name}": column.description
        for source in manifest.sources.values()
        for name, column in source.columns.items()
    }
    assert [name for name, means in columns.items() if not means] == []
