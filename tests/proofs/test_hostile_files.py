"""Files within the size limit that are made to fill memory, quarantine or time: each ends refused within a gigabyte,
and the file after it is loaded."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from contracts.samples import packed_sample
from hub.contracts.model import Catalogue
from hub.settings import Settings

GIGABYTE = 1024**3
LIMIT = 2 * GIGABYTE
PEAK_MEMORY = Path(__file__).with_name("peak_memory.py")
HUB = str(Path(sys.executable).parent / "hub")
STREET = b"Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
STREET += b"Last outcome category,Context\n"
NULLS = 1_000_000


def one_stray_quote(path: Path) -> None:
    path.write_bytes(STREET + b'"stray\n' + b"1\n" * 20_000_000)


def ragged_lines(path: Path) -> None:
    path.write_bytes(STREET + b"".join(b"%d,ragged,line\n" % number for number in range(500_000)))


def empty_cells(path: Path) -> None:
    path.write_bytes(STREET + b",,,,,,,,,,,\n" * 3_300_000)


def many_stray_quotes(path: Path) -> None:
    path.write_bytes(STREET + b'a"b,"c\n' * 5_000_000)


def one_header_of_a_million_columns(path: Path) -> None:
    path.write_bytes(b",".join(b"%d" % number for number in range(1_000_000)) + b"\n" + b"1\n" * 15_000_000)


def objects_and_numbers(path: Path) -> None:
    path.write_bytes(b"{}\n1\n" * 8_000_000)


def lists_of_objects(path: Path) -> None:
    path.write_bytes((b'{"response_ref":[' + b"{}," * 340_000 + b"{}]}\n") * 40)


def empty_elements(path: Path) -> None:
    path.write_bytes(b"<responses>" + b"<response/>" * 4_000_000 + b"</responses>")


def one_row_of_elements(path: Path) -> None:
    path.write_bytes(b"<responses><response>" + b"<a/>" * 10_000_000 + b"</response></responses>")


def elements_of_a_million_attributes(path: Path) -> None:
    row = b"<response " + b" ".join(b'a%x=""' % number for number in range(1_000_000)) + b"/>"
    path.write_bytes(b"<responses>" + row * 4 + b"<response/>" * 120_000 + b"</responses>")


def long_rows(path: Path) -> None:
    row = b"<response><response_ref>" + b"x" * 900_000 + b"</response_ref></response>"
    path.write_bytes(b"<responses>" + row * 45 + b"<response/>" * 120_000 + b"</responses>")


def rows_of_nulls(path: Path) -> None:
    names = ["lsoa_code", "lsoa_name", "borough", "major_category", "minor_category", "202608"]
    table = pa.table({name: pa.nulls(NULLS, pa.string()) for name in names})
    with pq.ParquetWriter(path, table.schema) as writer:
        for _ in range(20):
            writer.write_table(table)


@pytest.mark.long
@pytest.mark.parametrize(
    ("feed", "name", "write", "has_reasons"),
    [
        ("police_uk_street", "file.csv", one_stray_quote, True),
        ("police_uk_street", "file.csv", ragged_lines, True),
        ("police_uk_street", "file.csv", empty_cells, True),
        ("police_uk_street", "file.csv", many_stray_quotes, True),
        ("police_uk_street", "file.csv", one_header_of_a_million_columns, False),
        ("provider_responses", "file.jsonl", objects_and_numbers, True),
        ("provider_responses", "file.jsonl", lists_of_objects, True),
        ("force_responses", "file.xml", empty_elements, True),
        ("force_responses", "file.xml", one_row_of_elements, False),
        ("force_responses", "file.xml", elements_of_a_million_attributes, True),
        ("force_responses", "file.xml", long_rows, True),
        ("mps_recorded_crime", "file.parquet", rows_of_nulls, True),
    ],
)
def test_a_file_made_to_fill_the_memory_ends_within_a_gigabyte_and_the_next_one_is_loaded(
    feed: str,
    name: str,
    write: Callable[[Path], None],
    has_reasons: bool,
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
    tmp_path: Path,
) -> None:
    path = tmp_path / name
    write(path)
    good = packed_sample(catalogue.contracts[feed], "good", tmp_path)
    (hostile, loaded), peak = ingest(settings, feed, path, good)
    assert hostile["status"] in ("refused", "held"), hostile
    assert hostile["reason"]
    assert loaded["status"] == "loaded"
    assert peak <= GIGABYTE, f"{peak / 1024**2:.0f} MB"
    error_file = settings.outbox / feed / f"{hostile['delivery_id']}.errors.csv"
    assert error_file.exists() == has_reasons
    assert not has_reasons or 2 <= len(error_file.read_text().splitlines()) <= 101
    with engine.connect() as connection:
        of_hostile = sa.text("select count(*) from quarantine.rows where delivery_id = :delivery")
        assert connection.scalar(of_hostile, {"delivery": hostile["delivery_id"]}) == 0


def ingest(settings: Settings, feed: str, *paths: Path) -> tuple[list[dict[str, Any]], int]:
    """What ``hub ingest`` answers, and the memory that it took at most, in bytes."""
    environment = {
        "PATH": os.environ["PATH"],
        "HUB_HOME": str(settings.home),
        "HUB_WAREHOUSE_URL": str(settings.warehouse_url),
    }
    command = [sys.executable, str(PEAK_MEMORY), str(LIMIT), HUB, "ingest", feed, *map(str, paths)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()], int(done.stderr.splitlines()[-1])
