"""The data catalogue as files under ``$HUB_HOME/catalogue``: dbt's page, and the ways of all published columns."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hub.build import BuildFailed, builds, code_hash, write_dbt_docs
from hub.contracts.model import read_catalogue
from hub.data_catalogue.ways import Origin, OriginKind, PublishedColumn, PublishedView, Step, Ways
from hub.settings import Settings
from hub.vault.full_disk import writing_to
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

DBT_PAGE = "dbt.html"
WAYS = "columns.json"


@dataclass(frozen=True)
class DataCatalogue:
    """Published views, and the steps on the way to them, by name."""

    views: Mapping[str, PublishedView]
    steps: Mapping[str, Step]


def write_data_catalogue(settings: Settings) -> bool:
    """Write the catalogue of the warehouse as it was last built. False: the present one is of the same code.

    Raises :class:`~hub.build.BuildFailed` when the warehouse was not built by this code, or dbt cannot describe it.
    """
    code = code_hash(settings.dbt_project)
    # Of models that are not built yet dbt would describe the tables that the earlier ones made.
    if builds.built_code(open_warehouse(settings, Role.TRANSFORMER)) != code:
        raise BuildFailed("the warehouse was not built by this code; run hub build first")
    if (settings.catalogue / WAYS).is_file() and _read(settings)["code_sha256"] == code:
        return False
    unfinished = settings.catalogue.with_name("catalogue.unfinished")
    docs = write_dbt_docs(settings, settings.catalogue.with_name("catalogue.dbt"))
    ways = Ways(docs.manifest, docs.catalog, read_catalogue(settings.expectations).contracts.values())
    with writing_to(unfinished):
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        shutil.copy(docs.page, unfinished / DBT_PAGE)
        views, steps = [asdict(one) for one in ways.views()], [asdict(one) for one in ways.steps()]
        (unfinished / WAYS).write_text(json.dumps({"code_sha256": code, "views": views, "steps": steps}))
        shutil.rmtree(docs.page.parent)
        shutil.rmtree(settings.catalogue, ignore_errors=True)
        unfinished.rename(settings.catalogue)
    return True


def read_data_catalogue(settings: Settings) -> DataCatalogue:
    """The catalogue as it was last written. Raises FileNotFoundError where none has been."""
    read = _read(settings)
    views = [
        PublishedView(one["name"], one["description"], tuple(_column(column) for column in one["columns"]))
        for one in read["views"]
    ]
    steps = [Step(**{**one, **_ways(one)}) for one in read["steps"]]
    return DataCatalogue({one.name: one for one in views}, {one.name: one for one in steps})


def dbt_page(settings: Settings) -> Path:
    """dbt's page. Raises FileNotFoundError where none has been written."""
    return (settings.catalogue / DBT_PAGE).resolve(strict=True)


def _read(settings: Settings) -> Any:
    return json.loads((settings.catalogue / WAYS).read_text())


def _column(told: Mapping[str, Any]) -> PublishedColumn:
    return PublishedColumn(**{**told, **_ways(told)})


def _ways(told: Mapping[str, Any]) -> dict[str, Any]:
    origins = (Origin(OriginKind(one["kind"]), one["relation"], one["column"]) for one in told["origins"])
    return {"origins": tuple(origins), "steps": tuple(told["steps"])}
