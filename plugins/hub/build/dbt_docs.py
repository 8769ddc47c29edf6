"""dbt's own documentation of the project and warehouse: every model and column, and what each rests on."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hub.build.runs import BuildFailed, common_arguments, dbt_environment, dbt_project
from hub.settings import Settings, environment_with
from hub.vault.full_disk import writing_to
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest


@dataclass(frozen=True)
class DbtDocs:
    """The page as dbt wrote it, and what is in it: ``manifest`` and ``catalog`` in dbt's published forms."""

    page: Path
    manifest: Mapping[str, Any]
    catalog: Mapping[str, Any]


def write_dbt_docs(settings: Settings, folder: Path) -> DbtDocs:
    """Write the documentation into an empty or new folder. The warehouse must have been built.

    Raises :class:`~hub.build.BuildFailed` when dbt cannot.
    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

    manifest = dbt_project(settings)
    describe_sources(manifest, open_warehouse(settings, Role.TRANSFORMER))
    arguments = ["docs", "generate", "--static", *common_arguments(settings), "--write-json"]
    with writing_to(folder), environment_with(dbt_environment(settings)):
        shutil.rmtree(folder, ignore_errors=True)
        done = dbtRunner(manifest=manifest).invoke([*arguments, "--target-path", str(folder)])
    if not done.success:
        raise BuildFailed(f"the documentation could not be written: {' '.join(str(done.exception).split())}")
    return DbtDocs(
        page=folder / "static_index.html",
        manifest=json.loads((folder / "manifest.json").read_text()),
        catalog=json.loads((folder / "catalog.json").read_text()),
    )


def describe_sources(manifest: "Manifest", engine: sa.Engine) -> None:
    """Give the columns of the hub's own tables, which no file of dbt's describes, what the database says of them, or
    else the model that passes them on under the same name."""
    from dbt.artifacts.resources.v1.components import ColumnInfo  # noqa: PLC0415

    inspector = sa.inspect(engine)
    for source in manifest.sources.values():
        readers = [node for node in manifest.nodes.values() if source.unique_id in node.depends_on_nodes]
        told = {name: column.description for node in readers for name, column in node.columns.items()}
        for column in inspector.get_columns(source.identifier, source.schema):
            name = str(column["name"])
            described = source.columns.setdefault(name, ColumnInfo(name=name))
            described.description = described.description or str(column["comment"] or told.get(name, ""))
