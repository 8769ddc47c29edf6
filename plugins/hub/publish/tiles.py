"""Maps of tiles: every area a square of the same size, so that no borrowed boundary is needed."""

from dataclasses import dataclass
from pathlib import Path

from hub.publish.seed_rows import rows_of_today

TILES = Path(__file__).resolve().parents[3] / "dbt_project" / "seeds" / "map_tiles.csv"
"""The seed that ``dim_area_v1`` has its tiles from: both show an area at the same place."""


@dataclass(frozen=True)
class Tile:
    """Where an area is on a map of tiles; column and row count from the top left, from 0."""

    area_code: str
    label: str
    column: int
    row: int


def read_tiles(map_code: str) -> list[Tile]:
    """The tiles of a map as they are today (``map_tiles.csv``, laid out by the centres of the areas)."""
    return [
        Tile(row["area_code"], row["tile_label"], int(row["tile_column"]), int(row["tile_row"]))
        for row in rows_of_today(TILES)
        if row["map_code"] == map_code
    ]
