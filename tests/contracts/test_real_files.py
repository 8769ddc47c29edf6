"""The real published files keep the contracts that were written from them: every record is accepted.

Quick to run while a contract is written; ``proofs/test_real_files.py`` takes the same files through all stages.
"""

import io
from pathlib import Path

import pytest

from contracts.samples import RECEIVED_AT
from hub.contracts.model import Catalogue
from hub.ingest.readers import read_chunks
from hub.ingest.validation import delivery_problems, validate_chunk
from hub.settings import read_settings

OPEN_DATA = read_settings().open_data


@pytest.mark.long
@pytest.mark.skipif(OPEN_DATA is None, reason="HUB_OPEN_DATA names no folder of real open data")
@pytest.mark.parametrize(
    ("feed", "pattern", "count_files", "count_records"),
    [
        ("police_uk_street", "police_uk_city_of_london/*-street.csv", 25, 19_950),
        ("police_uk_street", "police_uk_city_of_london/outcomes/*-street.csv", 18, 10_118),
        ("police_uk_outcomes", "police_uk_city_of_london/outcomes/*-outcomes.csv", 18, 9_136),
        ("mps_recorded_crime", "london_recorded_crime/recorded-crime-lsoa.parquet", 1, 105_620),
        ("mps_recorded_crime", "london_recorded_crime/recorded-crime-borough.parquet", 1, 1_032),
    ],
)
def test_every_record_of_the_real_files_is_accepted(
    catalogue: Catalogue, feed: str, pattern: str, count_files: int, count_records: int
) -> None:
    assert OPEN_DATA is not None
    paths = sorted(OPEN_DATA.glob(pattern))
    assert len(paths) == count_files
    assert sum(accepted(catalogue, feed, path) for path in paths) == count_records


def accepted(catalogue: Catalogue, feed: str, path: Path) -> int:
    """Records of the file, all of which must be right, and which together must be plausible."""
    contract = catalogue.contracts[feed]
    chunks = list(read_chunks(read_settings({}), contract, io.BytesIO(path.read_bytes()), []))
    verdicts = [validate_chunk(contract, chunk, RECEIVED_AT) for chunk in chunks]
    count = sum(chunk.count_rows for chunk in chunks)
    assert [verdict.rejections for verdict in verdicts if verdict.rejections] == []
    assert delivery_problems(contract, [tally for verdict in verdicts for tally in verdict.tallies], count) == []
    return count
