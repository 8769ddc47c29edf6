"""What the contracts of the published views declare for BI tools: keys, what they refer to, and places of areas."""

import re
from collections.abc import Iterator
from typing import Any

import pyproj
import pytest
import sqlalchemy as sa
import yaml

from hub.publish.published_models import read_published_models
from hub.publish.tiles import read_tiles
from hub.settings import Settings, read_settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch

PROJECT = read_settings({}).dbt_project
NO_CODES = ("all", "unknown", "not_stated")
"""Words in the place of a code: all together, and what nobody knows. Descriptions say so."""
REFERENCE = re.compile(r"(?P<view>\w+) \((?P<column>\w+)\)")


def references() -> Iterator[tuple[str, str, str, str]]:
    """Each foreign key that a published view declares: view, column, and the view and column that it leads to."""
    for path in sorted((PROJECT / "models" / "publish").glob("*_v1.yml")):
        [model] = yaml.safe_load(path.read_text())["models"]
        for column in model["columns"]:
            for rule in column.get("constraints", ()):
                if rule["type"] == "foreign_key":
                    found = REFERENCE.fullmatch(rule["expression"])
                    assert found, f"{path.stem}.{column['name']}"
                    yield path.stem, column["name"], found["view"], found["column"]


@pytest.fixture
def engine(published_once: Settings) -> sa.Engine:
    return open_warehouse(published_once, Role.OWNER)


def test_a_list_of_codes_has_one_column_as_its_key_and_references_lead_to_such_keys() -> None:
    models = read_published_models(PROJECT)
    keys = {(name, model.key[0]) for name, model in models.items() if name.startswith("dim_") and len(model.key) == 1}
    assert {name for name, _ in keys} == {name for name in models if name.startswith("dim_")}
    assert {(view, column) for _, _, view, column in references()} <= keys


def test_a_column_that_is_named_like_a_key_declares_that_it_refers_to_it() -> None:
    """So that no view that is added is forgotten. Codes of regions, and what a provider answered, are in no list."""
    keys = {model.key[0] for name, model in read_published_models(PROJECT).items() if name.startswith("dim_")}
    mixed = {(view, "area_code") for view in ("public_statistics_v1", "public_revisions_v1")}
    mixed |= {("allocations_v1", "outcome_code")}
    declared = {(view, column) for view, column, _, _ in references()} | mixed
    for path in sorted((PROJECT / "models" / "publish").glob("*_v1.yml")):
        [model] = yaml.safe_load(path.read_text())["models"]
        own = read_published_models(PROJECT)[path.stem].key if path.stem.startswith("dim_") else ()
        columns = {column["name"] for column in model["columns"]} & {*keys, "month", "period_start"} - {*own}
        without = {column for column in columns if (path.stem, column) not in declared}
        assert without - ({"month"} if path.stem in ("dim_date_v1", "hub_capacity_v1") else set()) == set(), path.stem


def test_every_key_is_there_once_and_every_reference_resolves(engine: sa.Engine) -> None:
    for name, model in read_published_models(PROJECT).items():
        if model.key:
            columns = ", ".join(model.key)
            twice = f"select 1 from publish.{name} group by {columns} having count(*) > 1"
            assert fetch(engine, twice) == [], name
    lost: dict[tuple[str, str], Any] = {}
    for view, column, to, key in references():
        words = ", ".join(f"'{word}'" for word in NO_CODES)
        query = f"""
            select distinct {column}::text from publish.{view} as own
            where {column}::text not in ({words})
                and not exists (select from publish.{to} as listed where listed.{key} = own.{column})
        """
        if found := fetch(engine, query):
            lost[view, column] = found
    assert lost == {}
    # Forecasts need more reports than the samples have; these are the areas that they can name.
    areas = """
        select area_code from intermediate.int_hotspots__areas
        where area_code not in (select area_code from publish.dim_area_v1)
    """
    assert fetch(engine, areas) == []


def test_an_area_is_at_one_place_in_every_grid(engine: sa.Engine) -> None:
    """Forces are the mean of their districts, and a mean of degrees is not quite that of metres."""
    rows = fetch(
        engine,
        """select area_code, area_level, easting, northing, longitude, latitude from publish.dim_area_v1
           where easting is not null""",
    )
    levels = {level for _, level, *_ in rows}
    assert levels == {"force", "local_authority", "lsoa"}
    grid = pyproj.Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
    _, _, east, north, longitude, latitude = zip(*rows, strict=True)
    for row, x, y in zip(rows, *grid.transform(east, north), strict=True):
        near = 0.01 if row[1] == "force" else 0.0002
        assert (row[4], row[5]) == (pytest.approx(x, abs=near), pytest.approx(y, abs=near)), row[0]
    assert (min(longitude) > -7, max(longitude) < 2, min(latitude) > 49, max(latitude) < 56) == (True,) * 4


def test_an_area_has_the_tile_that_the_briefing_draws(engine: sa.Engine) -> None:
    query = "select tile_label, tile_column, tile_row from publish.dim_area_v1 where tile_map_code = '{}'"
    for map_code in ("forces", "boroughs"):
        tiles = {(tile.label, tile.column, tile.row) for tile in read_tiles(map_code)}
        assert set(fetch(engine, query.format(map_code))) == tiles
    polygon = "select tile_wkt from publish.dim_area_v1 where tile_map_code = 'forces' and tile_label = 'Northumbria'"
    assert fetch(engine, polygon) == ["POLYGON((3 -1, 4 -1, 4 0, 3 0, 3 -1))"]


@pytest.mark.parametrize(
    ("role", "lists"),
    [
        ("hub_bi", {"area", "date", "force", "outcome", "provider", "strand"}),
        ("force_BTP", {"area", "date", "force", "outcome", "provider", "strand"}),
        ("provider_x", {"date", "force"}),
    ],
)
@pytest.mark.usefixtures("engine")
def test_who_reads_a_code_reads_its_list(published_once: Settings, role: str, lists: set[str]) -> None:
    query = "select table_name from information_schema.tables where table_schema = 'publish'"
    with open_warehouse(published_once, role).connect() as connection:
        seen = set(connection.scalars(sa.text(query)))
        assert {name for name in seen if name.startswith("dim_")} == {f"dim_{one}_v1" for one in lists}
        for name in lists:
            assert connection.scalar(sa.text(f"select count(*) > 0 from publish.dim_{name}_v1"))
    # A provider has its own code alone, with its name: it needs no list of the others.
    own = {"dim_provider_v1"} if role.startswith("provider_") else set()
    assert {to for view, _, to, _ in references() if view in seen} - own <= seen


def test_the_page_on_bi_tools_names_every_reference() -> None:
    page = (PROJECT.parent / "docs" / "bi.md").read_text()
    named = set()
    for to, referring in re.findall(r"^\| `(dim_\w+\.\w+)` \| (.*) \|$", page, re.MULTILINE):
        for column, views in re.findall(r"`(\w+)` of ((?:`\w+`(?:, )?)+)", referring):
            named |= {(view, column, *to.split(".")) for view in re.findall(r"\w+", views)}
    assert named == set(references())
