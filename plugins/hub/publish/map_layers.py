"""An extract as layers of a map: each row of a view at the place of its area.

A force or London borough is a tile of the briefing's maps, in a grid of its own that lies nowhere on earth; a local
authority or small area is the point at its centre, in the British National Grid. Both are public geography, by codes
that the rows already have: nothing is placed more exactly than the view says it. An area without a known place is left
out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyogrio
import shapely
from lxml import etree
from lxml.builder import E

from hub.publish.seed_rows import rows_of_today
from hub.publish.tiles import read_tiles
from hub.settings import Settings

AREA_COLUMNS = ("area_code", "lad_code", "force_code")
"""Where a view names its area; the first that it has."""
NATIONAL_GRID = "EPSG:27700"
TILE_GRID = """ENGCRS["Tiles", EDATUM["Tiles"], CS[Cartesian, 2],
    AXIS["column", east], AXIS["row", north], LENGTHUNIT["tile", 1]]"""
PROJECT = "map.qgs"
METRES = 1000
ONS_CODE = "[EKNSW][0-9]{8}"


@dataclass(frozen=True)
class Layer:
    """Rows of a view at their places: a layer of ``<view>.gpkg``, and the same in ``<view>_<name>.parquet``."""

    view: str
    name: str
    shape: str
    grid: str
    rows: int

    @property
    def package(self) -> str:
        """The GeoPackage that it is in."""
        return f"{self.view}.gpkg"

    @property
    def parquet(self) -> str:
        """The GeoParquet file that it is."""
        return f"{self.view}_{self.name}.parquet"


def area_column(columns: Sequence[str]) -> str | None:
    """The column of a view that names an area; None where there is none."""
    return next((name for name in AREA_COLUMNS if name in columns), None)


class BoundariesRefused(ValueError):
    """The file holds no shape of an area; the message says why."""


def read_boundaries(file: Path) -> gpd.GeoSeries:
    """Shapes of areas by their code, from a file of their publisher (GeoJSON, GeoPackage, Shapefile), in the file's own
    grid. Codes are the first column in which every value is an ONS code.

    Raises :class:`BoundariesRefused` where no program for maps reads it, it has no such column, or no grid.
    """
    try:
        shapes = gpd.read_file(file)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise BoundariesRefused(f"{file.name} is no file of shapes") from error
    texts = shapes.select_dtypes(include="str")
    codes = next((one for one in texts if len(shapes) and texts[one].str.fullmatch(ONS_CODE).all()), None)
    if codes is None or shapes.crs is None:
        raise BoundariesRefused(f"{file.name} has no column of ONS codes, or does not say in which grid it is")
    if shapes[codes].duplicated().any():
        # An area that lies in parts, one shape each.
        return shapes.dissolve(codes).geometry
    return shapes.set_index(codes).geometry


def write_layers(settings: Settings, folder: Path, view: str, boundaries: gpd.GeoSeries | None) -> list[Layer]:
    """Write the layers of ``<view>.parquet``, which is in the folder, beside it. None where no row has a place."""
    rows = pq.read_table(folder / f"{view}.parquet")
    column = area_column(rows.column_names)
    if column is None:
        return []
    # A GeoPackage has no lists. Types stay Arrow's, which knows whole numbers and days that are missing.
    joined = pa.table({name: _joined(rows[name]) for name in rows.column_names})
    flat = joined.to_pandas(types_mapper=pd.ArrowDtype)
    layers = []
    for name, places in _places(settings, boundaries):
        placed = flat[flat[column].isin(places.index)]
        if len(placed):
            shape = str(places.geom_type.iloc[0]).removeprefix("Multi")
            layer = Layer(view, name, shape, places.crs.to_wkt(), len(placed))
            features = gpd.GeoDataFrame(placed, geometry=places.loc[placed[column]].array, crs=places.crs)
            features.to_file(folder / layer.package, layer=name, driver="GPKG", engine="pyogrio", use_arrow=True)
            features.to_parquet(folder / layer.parquet, index=False)
            layers.append(layer)
    return layers


def write_project(folder: Path, title: str, layers: Sequence[Layer]) -> None:
    """Write ``map.qgs``, a project for QGIS that shows the layers from the files beside it."""
    named = [(f"{layer.view}_{layer.name}", f"./{layer.package}|layername={layer.name}", layer) for layer in layers]
    project = E.qgis(
        E.title(title),
        E("layer-tree-group", *(_in_tree(name, source) for name, source, _ in named)),
        E.projectlayers(*(_map_layer(name, source, layer) for name, source, layer in named)),
        E.properties(E.Paths(E.Absolute("false", type="bool"))),
        projectname=title,
        version="3.40.0",
    )
    (folder / PROJECT).write_bytes(etree.tostring(project, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _in_tree(name: str, source: str) -> etree.Element:
    return E("layer-tree-layer", id=name, name=name, source=source, providerKey="ogr", checked="Qt::Checked")


def _map_layer(name: str, source: str, layer: Layer) -> etree.Element:
    return E.maplayer(
        E.id(name),
        E.datasource(source),
        E.layername(name),
        E.provider("ogr", encoding="UTF-8"),
        E.srs(E.spatialrefsys(E.wkt(layer.grid), nativeFormat="Wkt")),
        type="vector",
        geometry=layer.shape,
    )


def _joined(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_join(column, "|") if pa.types.is_list(column.type) else column


def _places(settings: Settings, boundaries: gpd.GeoSeries | None) -> Iterator[tuple[str, gpd.GeoSeries]]:
    """Name of a layer, and its places by area code."""
    if boundaries is not None:
        yield "boundaries", boundaries
    for map_code in ("forces", "boroughs"):
        tiles = {
            tile.area_code: shapely.box(tile.column, -tile.row - 1, tile.column + 1, -tile.row)
            for tile in read_tiles(map_code)
        }
        yield f"tiles_{map_code}", gpd.GeoSeries(tiles, crs=TILE_GRID)
    centres = _centres(settings, "area_profiles", "lad_code") | _centres(settings, "lsoa_centres", "lsoa_code")
    yield "centres", gpd.GeoSeries(centres, crs=NATIONAL_GRID)


def _centres(settings: Settings, seed: str, code: str) -> dict[str, shapely.Point]:
    return {
        row[code]: shapely.Point(float(row["x_km"]) * METRES, float(row["y_km"]) * METRES)
        for row in rows_of_today(settings.dbt_project / "seeds" / f"{seed}.csv")
    }
