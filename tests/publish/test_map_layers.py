"""An extract with a map has each row at the place of its area, in files that others' programs read."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest
import sqlalchemy as sa
from lxml import etree
from pyproj import CRS
from shapely import MultiPolygon, Point, box

from hub.publish.extract import Extract, ExtractRefused, extract
from hub.publish.extract_store import SUMS
from hub.publish.map_layers import PROJECT, TILE_GRID
from hub.settings import Settings

BARNET, NORTHUMBRIA, HARTLEPOOL, SMALL_AREA, NOWHERE = "E09000003", "E23000007", "E06000001", "E01000006", "E99999999"
AREAS = (BARNET, NORTHUMBRIA, HARTLEPOOL, SMALL_AREA, NOWHERE)
LAYERS = {"tiles_forces": {NORTHUMBRIA}, "tiles_boroughs": {BARNET}, "centres": {BARNET, HARTLEPOOL, SMALL_AREA}}
GEOPACKAGE_ID = 0x47504B47


@pytest.fixture
def write(settings: Settings, engine: sa.Engine) -> Callable[..., Extract]:
    """Writes an extract of a view with a row an area and week, and of one without areas."""
    values = ", ".join(f"('{area}', {week})" for area in AREAS for week in (1, 2))
    with engine.begin() as connection:
        for statement in (
            "create view publish.data_dictionary_v1 as select 1::bigint as publish_id",
            f"""create view publish.expected_v1 as
                select 1::bigint as publish_id, area_code, week, week * 1.5 as expected, true as is_known,
                       array['race', 'religion'] as strands,
                       case when week = 1 then 7::bigint end as target, date '2026-11-02' as week_start,
                       timestamptz '2026-11-01 12:00+00' as made_at, '=1+1' as note
                from (values {values}) as given (area_code, week)""",
            "create view publish.alone_v1 as select 1::bigint as publish_id, 5::bigint as figure",
        ):
            connection.exec_driver_sql(statement)

    def extracted(*views: str, with_map: bool = True, boundaries: Path | None = None) -> Extract:
        return extract(settings, engine, views, role="hub_owner", with_map=with_map, boundaries=boundaries)

    return extracted


def layers_of(written: Extract) -> dict[str, gpd.GeoDataFrame]:
    path = written.folder / "expected_v1.gpkg"
    return {name: gpd.read_file(path, layer=name) for name in gpd.list_layers(path)["name"]}


def test_each_row_is_in_the_layers_that_know_its_area(write: Callable[..., Extract]) -> None:
    layers = layers_of(write("expected_v1"))
    assert {name: set(rows["area_code"]) for name, rows in layers.items()} == LAYERS
    assert all(len(rows) == 2 * rows["area_code"].nunique() for rows in layers.values())


def test_a_centre_lies_in_the_national_grid_and_a_tile_in_a_grid_of_its_own(write: Callable[..., Extract]) -> None:
    layers = layers_of(write("expected_v1"))
    centres = layers["centres"].set_index("area_code").geometry
    assert set(centres.loc[HARTLEPOOL]) == {Point(448_100, 530_700)}
    assert set(centres.loc[SMALL_AREA]) == {Point(544_930, 184_300)}
    assert layers["centres"].crs == CRS("EPSG:27700")
    (tile,) = set(layers["tiles_boroughs"].geometry.to_wkt())
    assert layers["tiles_boroughs"].geometry.iloc[0].bounds == (2, -2, 3, -1), tile
    assert layers["tiles_boroughs"].crs.name == CRS(TILE_GRID).name == "Tiles"


def test_values_are_those_of_the_view(write: Callable[..., Extract]) -> None:
    rows = layers_of(write("expected_v1"))["tiles_forces"].sort_values("week")
    row = rows.iloc[1]
    assert (row["week"], row["expected"], bool(row["is_known"]), row["strands"]) == (2, 3.0, True, "race|religion")
    assert (f"{row['week_start']:%Y-%m-%d}", row["made_at"].isoformat()) == ("2026-11-02", "2026-11-01T12:00:00+00:00")
    assert row["note"] == "=1+1", "no spreadsheet runs it here"


def test_types_are_those_of_the_view_also_where_a_value_is_missing(write: Callable[..., Extract]) -> None:
    path = write("expected_v1").folder / "expected_v1.gpkg"
    with closing(sqlite3.connect(path)) as connection:
        kinds = {row[1]: row[2] for row in connection.execute("pragma table_info(centres)")}
        filled = connection.execute("select distinct target from centres order by 1").fetchall()
    given = ("week", "target", "expected", "is_known", "strands", "week_start", "made_at")
    assert [kinds[name] for name in given] == ["INTEGER", "INTEGER", "REAL", "BOOLEAN", "TEXT", "DATE", "DATETIME"]
    assert filled == [(None,), (7,)]


def test_the_geoparquet_files_hold_the_same(write: Callable[..., Extract]) -> None:
    written = write("expected_v1")
    for name, rows in layers_of(written).items():
        same = gpd.read_parquet(written.folder / f"expected_v1_{name}.parquet")
        assert list(same["area_code"]) == list(rows["area_code"])
        assert list(same["expected"]) == list(rows["expected"])
        assert same.geometry.geom_equals(rows.geometry).all()
        assert same.crs.name == rows.crs.name


def test_a_geopackage_says_that_it_is_one(write: Callable[..., Extract]) -> None:
    path = write("expected_v1").folder / "expected_v1.gpkg"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("pragma application_id").fetchone() == (GEOPACKAGE_ID,)
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        contents = connection.execute("select table_name, data_type from gpkg_contents").fetchall()
        shapes = dict(connection.execute("select table_name, geometry_type_name from gpkg_geometry_columns"))
    assert set(contents) == {(name, "features") for name in LAYERS}
    assert shapes == {"tiles_forces": "POLYGON", "tiles_boroughs": "POLYGON", "centres": "POINT"}


def test_the_project_names_files_beside_it_and_layers_that_are_in_them(write: Callable[..., Extract]) -> None:
    written = write("expected_v1", "alone_v1")
    project = etree.parse(written.folder / PROJECT)
    layers = project.findall(".//maplayer")
    in_tree = [one.get("id") for one in project.findall(".//layer-tree-layer")]
    assert [one.findtext("id") for one in layers] == in_tree == [f"expected_v1_{name}" for name in LAYERS]
    for one in layers:
        path, _, layer = str(one.findtext("datasource")).partition("|layername=")
        rows = gpd.read_file(written.folder / path, layer=layer)
        assert one.get("geometry") == rows.geom_type.iloc[0]
        assert CRS(one.findtext("srs/spatialrefsys/wkt")).name == rows.crs.name
        assert path.startswith("./")


def test_the_package_describes_and_the_sums_cover_every_file(write: Callable[..., Extract]) -> None:
    written = write("expected_v1")
    package = json.loads((written.folder / "datapackage.json").read_text())
    forms = {one["path"]: one["format"] for one in package["resources"]}
    assert forms["expected_v1.gpkg"] == "gpkg"
    assert forms[PROJECT] == "qgs"
    assert {f"expected_v1_{name}.parquet" for name in LAYERS} <= forms.keys()
    files = {path.name for path in written.folder.iterdir()}
    assert files == {*forms, "datapackage.json", SUMS}
    summed = {line.split("  ")[1] for line in (written.folder / SUMS).read_text().splitlines()}
    assert summed == files - {SUMS}


def test_an_extract_without_a_map_is_another_one_and_as_it_was(write: Callable[..., Extract]) -> None:
    with_map, without = write("expected_v1"), write("expected_v1", with_map=False)
    assert with_map.folder != without.folder
    assert not {path.suffix for path in without.folder.iterdir()} & {".gpkg", ".qgs"}
    assert with_map.rows == without.rows == {"expected_v1": 10}


def test_a_map_of_what_has_no_area_is_refused_and_leaves_nothing(
    write: Callable[..., Extract], settings: Settings
) -> None:
    with pytest.raises(ExtractRefused, match="alone_v1 is of an area whose place is known; leave the map out"):
        write("alone_v1")
    left = [path for path in Path(settings.extracts).rglob("*") if path.is_file()]
    assert left == []


def boundary_file(folder: Path, **properties: list[str]) -> Path:
    """Two squares of a kilometre in the National Grid, as a publisher of boundaries would give them."""
    squares = [box(448_000, 530_000, 449_000, 531_000), MultiPolygon([box(530_000, 180_000, 531_000, 181_000)])]
    file = folder / "districts.gpkg"
    gpd.GeoDataFrame(properties, geometry=squares, crs="EPSG:27700").to_file(file, driver="GPKG")
    return file


def test_true_shapes_of_a_file_are_one_more_layer(write: Callable[..., Extract], tmp_path: Path) -> None:
    file = boundary_file(tmp_path, LAD23NM=["Hartlepool", "Nowhere"], LAD23CD=[HARTLEPOOL, "E06999999"])
    plain, written = write("expected_v1"), write("expected_v1", boundaries=file)
    assert written.folder != plain.folder
    layers = layers_of(written)
    assert layers.keys() == {"boundaries", *LAYERS}
    assert set(layers["boundaries"]["area_code"]) == {HARTLEPOOL}
    assert layers["boundaries"].crs == CRS("EPSG:27700")
    assert set(layers["boundaries"].geometry.area) == {1_000_000}


def test_a_file_without_codes_or_shapes_is_refused_by_name(write: Callable[..., Extract], tmp_path: Path) -> None:
    with pytest.raises(ExtractRefused, match=r"districts\.gpkg has no column of ONS codes"):
        write("expected_v1", boundaries=boundary_file(tmp_path, name=["Hartlepool", HARTLEPOOL]))
    words = tmp_path / "words.geojson"
    words.write_text("no shape")
    with pytest.raises(ExtractRefused, match=r"words\.geojson is no file of shapes"):
        write("expected_v1", boundaries=words)


def test_an_area_of_several_shapes_in_the_file_has_each_row_once(write: Callable[..., Extract], tmp_path: Path) -> None:
    file = tmp_path / "boundaries.geojson"
    shapes = gpd.GeoDataFrame(
        {"code": [BARNET, BARNET, HARTLEPOOL]}, geometry=[box(0, 0, 1, 1), box(2, 2, 3, 3), box(4, 4, 5, 5)], crs=4326
    )
    shapes.to_file(file, driver="GeoJSON")
    try:
        rows = layers_of(write("expected_v1", boundaries=file))["boundaries"]
    except ExtractRefused:
        return
    assert len(rows) == 2 * rows["area_code"].nunique()
