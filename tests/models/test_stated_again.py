"""Files that state again what earlier ones have stated stop no build, by day or from nothing."""

import zipfile
from pathlib import Path

import pytest

from contracts.samples import packed_sample
from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch, put_files

RESTATED = "select count(distinct feed) from ledger.deliveries join ledger.restated_records using (delivery_id)"


@pytest.mark.parametrize("full_refresh", [False, pytest.param(True, marks=pytest.mark.long)])
def test_the_rows_of_every_feed_in_another_file(
    warehouse: Settings, catalogue: Catalogue, tmp_path: Path, full_refresh: bool
) -> None:
    for contract in catalogue.contracts.values():
        put_files(warehouse, contract, [_in_another_file(packed_sample(contract, "good", tmp_path))])
    assert fetch(open_warehouse(warehouse, Role.OWNER), RESTATED) == [len(catalogue.contracts)]
    assert build_warehouse(warehouse, full_refresh=full_refresh).nodes


def _in_another_file(path: Path) -> Path:
    """The same records in other bytes, so that the file is no duplicate."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "a") as archive:
            archive.comment = b"sent again"
    else:
        path.write_bytes(path.read_bytes() + b"\n")
    return path
