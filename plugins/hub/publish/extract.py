"""Extracts: published views as files that leave the hub, with all that a stranger needs to read them.

An extract is a Data Package (the Frictionless standard): of each view a CSV and a Parquet file, a code book, checksums,
and what has changed since the extract before. It is of one publish, and holds what the role may read that asked for it.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import sqlalchemy as sa

from hub.ingest.samples import NOTICE
from hub.publish import extract_store, published_rows
from hub.publish.extract_store import TableWriter
from hub.publish.published_models import PublishedModel, read_published_models
from hub.publish.published_rows import PublishedView
from hub.settings import Settings

PACKAGE = "datapackage.json"
CODE_BOOK = "code_book.csv"
DESCRIPTION = "Published views of the online hate crime hub. Police figures do not show reliable trends."
GEOPACKAGE = "application/geopackage+sqlite3"
STAMPS = ("publish_id", "data_as_of", "published_at")
VIEW = re.compile(r"[a-z][a-z0-9_]{0,60}_v[1-9][0-9]{0,2}")
ROLE = re.compile(r"[a-z][a-z0-9_]{0,60}")
OPEN_LICENCE = {
    "name": "OGL-UK-3.0",
    "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    "title": "Open Government Licence v3.0",
}
FIELD_TYPES: Mapping[str, Mapping[str, str]] = {
    "bigint": {"type": "integer"},
    "integer": {"type": "integer"},
    "smallint": {"type": "integer"},
    "double precision": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "date"},
    "uuid": {"type": "string", "format": "uuid"},
}


class ExtractRefused(ValueError):
    """Nothing was written; the message says why."""


@dataclass(frozen=True)
class Extract:
    """Where an extract is, and what it holds. ``is_new`` is false where it was there already."""

    folder: Path
    publish_id: int
    is_new: bool
    rows: Mapping[str, int]
    changes: Mapping[str, Mapping[str, object]]


def extract(
    settings: Settings,
    engine: sa.Engine,
    views: Sequence[str],
    *,
    role: str,
    out: Path | None = None,
    with_map: bool = False,
    boundaries: Path | None = None,
) -> Extract:
    """Write an extract of ``views`` as ``engine``, which is connected as ``role``, sees them.

    It goes under ``out``, by default ``$HUB_HOME/extracts``. One of the same publish and views that is there already is
    left as it is. ``with_map`` adds the rows with the place of their area, as layers for QGIS, and ``boundaries``, a
    file of the areas' publisher, one more layer with their true shapes.

    Raises :class:`ExtractRefused` for an invalid view name, a view that the role may not read, a map of views without
    areas, and boundaries that cannot be read.
    """
    wanted = sorted(set(views))
    for name in wanted:
        if not VIEW.fullmatch(name):
            raise ExtractRefused(f"{name!r} is not the name of a published view, such as public_statistics_v1")
    if not wanted or not ROLE.fullmatch(role):
        raise ExtractRefused("an extract needs a view and a role")
    folder = (out or settings.extracts).absolute() / role
    if folder.is_symlink():
        raise ExtractRefused(f"{folder} is a link")
    models = read_published_models(settings.dbt_project)
    # One snapshot: all views of the same publish, whatever is published meanwhile.
    with published_rows.snapshot(engine) as connection:
        known = published_rows.readable_views(connection)
        if missing := [name for name in wanted if name not in known]:
            readable = ", ".join(sorted(known)) or "none"
            raise ExtractRefused(f"{role} may read no published view {', '.join(missing)}; it may read {readable}")
        publish_id = published_rows.publish_of(connection, [*wanted, *(set(known) & {"data_dictionary_v1"})])
        if publish_id is None:
            raise ExtractRefused(f"{role} sees no row of {', '.join(wanted)}")
        name = wanted[0] if len(wanted) == 1 else f"{len(wanted)}_views_{_digest(wanted)}"
        name += "_map" if with_map or boundaries else ""
        name += f"_{extract_store.sha256(boundaries)[:12]}" if boundaries else ""
        target = folder / extract_store.folder_name(publish_id, name)
        if target.is_dir():
            return _read_existing(target, publish_id)
        before = extract_store.earlier(folder, publish_id, name)
        with extract_store.new_extract(target) as unfinished:
            resources = []
            for view in wanted:
                model = models.get(view, PublishedModel())
                resources += _write_view(connection, known[view], model, unfinished, before)
            if with_map or boundaries:
                resources += _write_map(settings, unfinished, name, wanted, boundaries)
            _write_code_book([known[view] for view in wanted], unfinished)
            is_public = all(models.get(view, PublishedModel()).is_public for view in wanted)
            is_simulated = any(known[view].comments[""].endswith(NOTICE) for view in wanted)
            package = _package(publish_id, name, resources, role, is_public=is_public, is_simulated=is_simulated)
            package["resources"].append(_code_book_resource(unfinished))
            (unfinished / PACKAGE).write_text(
                json.dumps(package, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
            )
    return _read_existing(target, publish_id, is_new=True)


def _write_view(
    connection: sa.Connection, view: PublishedView, model: PublishedModel, folder: Path, before: Path | None
) -> list[dict[str, Any]]:
    writer = TableWriter(folder, view.name, view.schema)
    try:
        for block in published_rows.rows_of(connection, view):
            writer.write(block)
    finally:
        writer.close()
    old = None if before is None else before / f"{view.name}.parquet"
    changes = extract_store.count_changes(old, folder / f"{view.name}.parquet", model.key, STAMPS)
    common = {"title": view.comments[""].split(". ")[0], "description": view.comments[""], "hub:rows": writer.rows}
    table = {
        **_file(folder, f"{view.name}.csv", "csv", "text/csv"),
        **common,
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "doubleQuote": True, "lineTerminator": "\n", "header": True},
        "schema": {
            "fields": [_field(view, column) for column in view.columns],
            "missingValues": [""],
            **({"primaryKey": list(model.key)} if model.key and set(model.key) <= set(view.columns) else {}),
        },
        "hub:changesSinceExtractBefore": dict(changes),
        "hub:madeHarmlessForSpreadsheets": {
            "how": "An apostrophe stands before a text that a spreadsheet would run as a formula; the Parquet file has "
            "the text as it is.",
            "cells": writer.made_harmless,
        },
    }
    whole = {**_file(folder, f"{view.name}.parquet", "parquet", "application/vnd.apache.parquet"), **common}
    return [table, whole]


def _write_map(
    settings: Settings, folder: Path, title: str, views: Sequence[str], boundaries: Path | None
) -> list[dict[str, Any]]:
    from hub.publish import map_layers  # noqa: PLC0415 - brings GDAL

    try:
        shapes = map_layers.read_boundaries(boundaries) if boundaries else None
    except map_layers.BoundariesRefused as refusal:
        raise ExtractRefused(str(refusal)) from refusal
    layers = [layer for view in views for layer in map_layers.write_layers(settings, folder, view, shapes)]
    if not layers:
        raise ExtractRefused(f"no row of {', '.join(views)} is of an area whose place is known; leave the map out")
    map_layers.write_project(folder, title, layers)
    packages = [_file(folder, name, "gpkg", GEOPACKAGE) for name in dict.fromkeys(one.package for one in layers)]
    whole = [
        _file(folder, one.parquet, "parquet", "application/vnd.apache.parquet") | {"hub:rows": one.rows}
        for one in layers
    ]
    return [*packages, *whole, _file(folder, map_layers.PROJECT, "qgs", "application/xml")]


def _field(view: PublishedView, column: str) -> dict[str, Any]:
    kind = view.columns[column]
    joined = "Several values are joined by a bar. " if kind.endswith("[]") else ""
    return {"name": column, **_field_type(kind), "description": joined + view.comments[column]}


def _field_type(kind: str) -> Mapping[str, str]:
    if kind.startswith("numeric"):
        return {"type": "number"}
    if kind.startswith("timestamp"):
        return {"type": "datetime", "format": "any"}
    return FIELD_TYPES.get(kind, {"type": "string"})


def _file(folder: Path, name: str, form: str, media: str) -> dict[str, Any]:
    path = folder / name
    return {
        "name": name.replace(".", "-").lower(),
        "path": name,
        "format": form,
        "mediatype": media,
        "bytes": path.stat().st_size,
        "hash": f"sha256:{extract_store.sha256(path)}",
    }


def _write_code_book(views: Sequence[PublishedView], folder: Path) -> None:
    rows = [
        (view.name, position, column, kind, view.comments[column])
        for view in views
        for position, (column, kind) in enumerate(view.columns.items(), start=1)
    ]
    names = ("view", "position", "column", "data_type", "meaning")
    table = pa.table({name: [row[position] for row in rows] for position, name in enumerate(names)})
    pyarrow.csv.write_csv(table, folder / CODE_BOOK)


def _code_book_resource(folder: Path) -> dict[str, Any]:
    kinds = {"view": "string", "position": "integer", "column": "string", "data_type": "string", "meaning": "string"}
    return {
        **_file(folder, CODE_BOOK, "csv", "text/csv"),
        "title": "Code book: what each column means",
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        "schema": {"fields": [{"name": name, "type": kind} for name, kind in kinds.items()]},
    }


def _package(
    publish_id: int, name: str, resources: list[dict[str, Any]], role: str, *, is_public: bool, is_simulated: bool
) -> dict[str, Any]:
    package: dict[str, Any] = {
        "profile": "data-package",
        "name": f"hate-crime-hub-{name.replace('_', '-')}",
        "title": f"Online hate crime hub: {name}",
        "description": f"{DESCRIPTION} {NOTICE}" if is_simulated else DESCRIPTION,
        "version": f"{publish_id}.0.0",
        "hub:publish": publish_id,
        "hub:role": role,
        "hub:simulated": is_simulated,
        "hub:marking": "OFFICIAL" if is_public else "OFFICIAL-SENSITIVE",
        "hub:checksums": extract_store.SUMS,
        "resources": resources,
    }
    # What is not for the public has no licence: nobody may pass it on.
    return package | ({"licenses": [OPEN_LICENCE]} if is_public else {})


def _read_existing(target: Path, publish_id: int, *, is_new: bool = False) -> Extract:
    package = json.loads((target / PACKAGE).read_text(encoding="utf-8"))
    tables = [one for one in package["resources"] if "hub:changesSinceExtractBefore" in one]
    return Extract(
        folder=target,
        publish_id=publish_id,
        is_new=is_new,
        rows={one["path"].removesuffix(".csv"): one["hub:rows"] for one in tables},
        changes={one["path"].removesuffix(".csv"): one["hub:changesSinceExtractBefore"] for one in tables},
    )


def _digest(views: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(views).encode()).hexdigest()[:12]
