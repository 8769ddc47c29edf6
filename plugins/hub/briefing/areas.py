"""Sections of what is expected by area: a map, a chart of intervals, and a table of the same numbers."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from hub.briefing.intervals import AREAS_SHOWN, draw_intervals
from hub.briefing.maps import Expected, draw_map
from hub.briefing.phrases import amount, day, listed, share, spread, words
from hub.briefing.shapes import Shapes, read_shapes
from hub.briefing.tables import Row
from hub.documents.content import Picture, Section, Table
from hub.publish.tiles import Tile, read_tiles

MAPS = (("forces", "force", "police force area"), ("boroughs", "local_authority", "London borough"))
"""Map, level of the area, and what one of its areas is called."""
NAMED_FIRST = 3


def withheld(runs: Sequence[Row]) -> dict[str, str]:
    """Why the latest forecast is withheld, by panel, of those that are."""
    return {row["panel"]: row["withheld_because"] for row in runs if row["is_withheld"]}


def why_not_shown(runs: Sequence[Row], panel: str, otherwise: str) -> str:
    """Why no forecast of a panel is shown; ``otherwise`` where one was made and is not withheld."""
    if panel not in {row["panel"] for row in runs}:
        return "none has been made yet"
    return withheld(runs).get(panel, otherwise)


def shown_on(map_code: str, level: str, rows: Sequence[Row]) -> list[Row]:
    """The published forecasts of the areas that a map has, most reports first: of local authorities, boroughs alone."""
    codes = {tile.area_code for tile in read_tiles(map_code)}
    return [
        row for row in rows if row["panel"] == level and row["area_code"] in codes and row["caveat_code"] != "withheld"
    ]


def maps_of(rows: Sequence[Row], runs: Sequence[Row], boundaries: Path | None) -> Iterator[Section]:
    """A section a map: map, chart of intervals and table, or why there is none. None of a forecast that is withheld:
    that is said once for all maps of it."""
    tiles_of = {map_code: read_tiles(map_code) for map_code, _, _ in MAPS}
    codes = [tile.area_code for tiles in tiles_of.values() for tile in tiles]
    shapes = read_shapes(boundaries, codes) if boundaries else None
    for map_code, level, called in MAPS:
        tiles = tiles_of[map_code]
        codes = [tile.area_code for tile in tiles]
        shown = shown_on(map_code, level, rows)
        title = f"Reports expected by {called}"
        if not shown and level in withheld(runs):
            continue
        if not shown:
            because = why_not_shown(runs, level, f"the forecast by {words(level)} has no {called}")
            yield Section(map_code, title, (f"There is no published forecast by {called}: {because}.",))
            continue
        has_shapes = shapes is not None and any(code in shapes.paths for code in codes)
        pictures = (
            _map(map_code, called, tiles, shown, shapes if has_shapes else None),
            _chart(map_code, called, shown),
        )
        lead = f"Reports expected in the week from {day(shown[0]['cut_off'])}, from what was known before it."
        yield Section(map_code, title, (lead,), pictures=pictures, tables=(_forecast_table(called, shown),))


def _expected(row: Row) -> Expected:
    return Expected(row["expected_reports"], row["p05"], row["p95"], row["completeness"])


def _chart(map_code: str, called: str, shown: Sequence[Row]) -> Picture:
    svg, png = draw_intervals([(row["area_name"], _expected(row)) for row in shown])
    first = min(AREAS_SHOWN, len(shown))
    alternative = (
        f"Chart of the {first} areas with most reports expected, from {shown[0]['area_name']}, "
        f"{spread(shown[0]['p05'], shown[0]['p95'])}, to {shown[first - 1]['area_name']}, "
        f"{spread(shown[first - 1]['p05'], shown[first - 1]['p95'])}: where lines overlap, the order may be chance."
    )
    caption = (
        f"The {first} areas with most reports expected, by {called}. Where lines overlap, the order may be chance; a "
        "hollow dot stands for an area whose latest weeks are not yet complete."
    )
    return Picture(f"chart_{map_code}", svg, png, alternative, caption)


def _map(map_code: str, called: str, tiles: Sequence[Tile], shown: Sequence[Row], shapes: Shapes | None) -> Picture:
    svg, png = draw_map(tiles, {row["area_code"]: _expected(row) for row in shown}, shapes)
    first = [f"{row['area_name']} with {amount(row['expected_reports'])}" for row in shown[:NAMED_FIRST]]
    alternative = (
        f"Map of {len(tiles)} {called}s, darker where more reports are expected in the week: most in {listed(first)}; "
        f"least in {shown[-1]['area_name']} with {amount(shown[-1]['expected_reports'])}. The table below holds every "
        "number."
    )
    caption = (
        f"Reports expected in the week, by {called}"
        if shapes
        else (
            f"Reports expected in the week, by {called}: number, 90% interval, and a bar for the share of the latest "
            "four weeks that is known. Every area has a tile of the same size, near where it lies."
        )
    )
    return Picture(f"map_{map_code}", svg, png, alternative, caption)


def _forecast_table(called: str, shown: Sequence[Row]) -> Table:
    return Table(
        f"The same numbers, by {called}",
        ("Area", "Expected", "90% interval", "Place (90%)", "Known", "Caveat"),
        [
            (
                row["area_name"],
                amount(row["expected_reports"]),
                spread(row["p05"], row["p95"]),
                f"{row['rank']} ({spread(row['rank_p05'], row['rank_p95'])})",
                share(row["completeness"]),
                row["caveat"] or "none",
            )
            for row in shown
        ],
        (26, 11, 13, 16, 9, 25),
        frozenset({1, 2, 3, 4}),
    )
