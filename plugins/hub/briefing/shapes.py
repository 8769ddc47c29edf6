"""True shapes of areas, from a boundary file that the user has from its publisher; none comes with the project."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.path import Path

MOST_DEGREES = 180
LEAST_ROOM = 0.001
"""Square degrees in which a number can be read beside those of its neighbours: the City of London has less."""
PARALLEL = 53.0
"""Degrees north at which a degree of longitude is drawn as long as it is: the middle of England and Wales."""


class BoundariesRefused(ValueError):
    """The file holds no shape that a map could use; the message says why."""


@dataclass(frozen=True)
class Shapes:
    """Outline of each area by its code, as drawn, and a middle point of those that have room for a number."""

    paths: Mapping[str, Path]
    middles: Mapping[str, tuple[float, float]]


def read_shapes(file: File, area_codes: Iterable[str]) -> Shapes:
    """Read GeoJSON in longitude and latitude. A feature is the area whose code any of its properties holds.

    Raises :class:`BoundariesRefused` where it is no GeoJSON, not in degrees, or names none of the areas.
    """
    wanted = set(area_codes)
    try:
        features = json.loads(file.read_text(encoding="utf-8-sig"))["features"]
        outlines = [(_words_of(feature), feature.get("geometry")) for feature in features]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BoundariesRefused(f"{file.name} is not GeoJSON with features") from error
    paths, middles = {}, {}
    for said, geometry in outlines:
        if len(named := said & wanted) == 1:
            (code,) = named
            rings = _rings(geometry)
            largest = max(rings, key=_room)
            paths[code] = Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))
            if _room(largest) >= LEAST_ROOM:
                middles[code] = (float(largest[:, 0].mean()), float(largest[:, 1].mean()))
    if not paths:
        raise BoundariesRefused(f"{file.name} names none of the areas by its code in any property")
    return Shapes(paths, middles)


def _room(ring: npt.NDArray[np.float64]) -> float:
    return float(np.ptp(ring[:, 0]) * np.ptp(ring[:, 1]))


def _words_of(feature: Mapping[str, Any]) -> set[str]:
    values = [feature.get("id"), *(feature.get("properties") or {}).values()]
    return {value for value in values if isinstance(value, str)}


def _rings(geometry: Mapping[str, Any] | None) -> list[npt.NDArray[np.float64]]:
    kind = geometry["type"] if geometry else None
    if geometry is None or kind not in ("Polygon", "MultiPolygon"):
        raise BoundariesRefused(f"a shape is {f'a {kind}' if kind else 'empty'}, not a polygon")
    try:
        polygons = geometry["coordinates"] if kind == "MultiPolygon" else [geometry["coordinates"]]
        rings = [np.array([(float(x), float(y)) for x, y, *_ in ring]) for polygon in polygons for ring in polygon]
        most = max(np.abs(ring).max() for ring in rings)
    except (ValueError, TypeError, KeyError) as error:
        raise BoundariesRefused("a shape is empty, or no polygon of points") from error
    if most > MOST_DEGREES:
        raise BoundariesRefused("coordinates are not degrees: convert the file to WGS 84 (EPSG:4326)")
    return [ring * [np.cos(np.radians(PARALLEL)), 1.0] for ring in rings]
