"""A file of another form, or with another header, is refused with what was found, and never with a value of a row."""

import gzip
import io
import zipfile

import pytest

from hub.contracts.model import Contract
from hub.contracts.values import Compression, FileFormat
from hub.deliveries import DeliveryRefused
from hub.ingest.readers import read_chunks
from hub.settings import read_settings
from ingest.small_feeds import column, feed

COLUMNS = (column("report_ref"), column("happened_on"), column("town"))
CSV = feed(*COLUMNS)
JSON = feed(*COLUMNS, form=FileFormat.JSONL)
XML = feed(*COLUMNS, form=FileFormat.XML, row_path="report")
PARQUET = feed(*COLUMNS, form=FileFormat.PARQUET)
ZIPPED = feed(*COLUMNS, compression=Compression.ZIP)
GZIPPED = feed(*COLUMNS, compression=Compression.GZIP)
GOOD = b"report_ref,happened_on,town\nA1,2026-01-01,Bow\n"


def refusal(contract: Contract, data: bytes) -> str:
    with pytest.raises(DeliveryRefused) as refused:
        list(read_chunks(read_settings({}), contract, io.BytesIO(data), []))
    return str(refused.value)


def workbook() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"):
            archive.writestr(name, "<x/>")
    return packed.getvalue()


def zipped(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("report.csv", data)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
        (workbook(), "an Excel workbook"),
        (zipped(GOOD), "a zip file"),
        (gzip.compress(GOOD, mtime=0), "a gzip file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Word file"),
        (b"PAR1\x15\x04", "a Parquet file"),
        (GOOD.decode().encode("utf-16"), "text in UTF-16"),
        (GOOD.decode().encode("utf-16-le"), "text in UTF-16"),
        (b"<!DOCTYPE html><html><body>Sign in", "a web page"),
        (b'<?xml version="1.0"?><reports/>', "XML"),
        (b'[{"report_ref": "A1"}]', "a JSON list"),
        (b'{"report_ref": "A1"}\n', "JSON"),
    ],
)
def test_a_file_of_another_form_is_refused_as_what_it_is(data: bytes, found: str) -> None:
    assert refusal(CSV, data) == f"this is {found}; this feed sends CSV in utf-8"


@pytest.mark.parametrize("contract", [JSON, XML, PARQUET, ZIPPED, GZIPPED])
@pytest.mark.parametrize(
    ("data", "found"), [(b"%PDF-1.7\n", "this is a PDF"), (workbook(), "this is an Excel workbook")]
)
def test_every_form_says_so(contract: Contract, data: bytes, found: str) -> None:
    assert refusal(contract, data).startswith(f"{found}; this feed sends ")


def test_what_is_not_packed_or_packed_in_another_way_is_said() -> None:
    assert refusal(ZIPPED, GOOD) == "this is a file that is not packed; this feed sends a zip file"
    assert refusal(GZIPPED, zipped(GOOD)) == "this is a zip file; this feed sends a gzip file"
    assert refusal(ZIPPED, zipped(workbook())) == "this is an Excel workbook; this feed sends CSV in utf-8"
    assert refusal(JSON, b'[{"report_ref": "A1"},\n{"report_ref": "A2"}]\n') == (
        "the file is not JSON Lines: this is a JSON list"
    )


def test_a_header_that_is_nearly_right_says_which_name_was_meant() -> None:
    assert refusal(CSV, b"Report Ref,Happened On,town\nA1,2026-01-01,Bow\n") == (
        "columns report_ref, happened_on are missing; found 'Report Ref', 'Happened On' - did you mean report_ref, "
        "happened_on?"
    )


@pytest.mark.parametrize(
    "data",
    [
        GOOD.split(b"\n", 1)[1],
        b"Secret title\nSomeone's name,2026-01-01,Bow\n",
        b"A1;2026-01-01;Someone's name\n",
        b"report_ref,happened_on\nSomeone's name,2026-01-01\n",
        b"Someone's name,report_ref,happened_on,town\n",
    ],
)
def test_no_value_of_a_row_is_in_a_refusal(data: bytes) -> None:
    said = refusal(CSV, data)
    assert not any(value in said for value in ("Secret", "Someone", "A1", "2026-01-01", "Bow"))
