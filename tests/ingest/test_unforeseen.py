"""A file that its reader fails over is refused once, not read again for ever; trouble of the hub's own is not its."""

import errno
import gzip
import io
import random
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from hub.contracts.values import Compression, FileFormat
from hub.deliveries import DeliveryRefused, DeliveryStatus
from hub.ingest.prepare import prepare_warehouse
from hub.ingest.readers import read_chunks
from hub.ingest.readers.unforeseen import NOT_THE_SENDERS
from hub.settings import Settings, read_settings
from ingest.deliveries import take_in
from ingest.small_feeds import column, feed

COLUMNS = (column("place"), column("note"))
FORMS = {form: feed(*COLUMNS, name="places", form=form, row_path="place") for form in FileFormat}


def parquet() -> bytes:
    made = io.BytesIO()
    pq.write_table(pa.table({"place": ["Bow"], "note": ["x"]}), made)
    return made.getvalue()


FILES = {
    FileFormat.CSV: b"place,note\nBow,x\n",
    FileFormat.JSONL: b'{"place": "Bow", "note": "x"}\n',
    FileFormat.XML: b"<places><place><place>Bow</place><note>x</note></place></places>",
    FileFormat.PARQUET: parquet(),
}


def fail_with(monkeypatch: pytest.MonkeyPatch, form: FileFormat, error: Exception) -> None:
    """Lets a reader fail at its last step."""

    def fail(*_: object) -> None:
        raise error

    module = {FileFormat.JSONL: "json_lines"}.get(form, f"{form.value}_rows")
    monkeypatch.setattr(f"hub.ingest.readers.{module}.chunk_of", fail)


@pytest.mark.parametrize("form", list(FileFormat))
def test_what_no_reader_foresaw_refuses_the_file_and_says_no_value(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, form: FileFormat
) -> None:
    contract = FORMS[form]
    prepare_warehouse(engine, [contract])
    fail_with(monkeypatch, form, TypeError("Ada Quill is no list"))
    result = take_in(settings, engine, contract, FILES[form], f"file.{form.value}")
    assert result.status is DeliveryStatus.REFUSED
    assert (result.reason or "").startswith(
        "the hub cannot read this file, which may be the hub's own fault (TypeError"
    )
    assert "Ada" not in (result.reason or "")


@pytest.mark.parametrize("trouble", NOT_THE_SENDERS)
@pytest.mark.parametrize("form", [FileFormat.CSV, FileFormat.JSONL, FileFormat.XML])
def test_trouble_of_the_hubs_own_refuses_nothing(
    monkeypatch: pytest.MonkeyPatch, form: FileFormat, trouble: type[Exception]
) -> None:
    fail_with(monkeypatch, form, trouble("x"))
    with pytest.raises(trouble):
        list(read_chunks(read_settings({}), FORMS[form], io.BytesIO(FILES[form]), []))


class BadDisk(io.BytesIO):
    """A file of which the hub's disk gives the beginning and the end, and not what is between."""

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if self.tell() - len(data) < 2**17 < self.tell():
            raise OSError(errno.EIO, "Input/output error")
        return data


def packed(compression: Compression) -> bytes:
    """Far more than is read at once."""
    rows = FILES[FileFormat.CSV] + b"".join(b"%x,x\n" % random.getrandbits(4_000) for _ in range(1_000))
    if compression is Compression.GZIP:
        return gzip.compress(rows)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("places.csv", rows)
    return made.getvalue()


@pytest.mark.parametrize("compression", [Compression.GZIP, Compression.ZIP])
def test_a_disk_that_fails_under_a_packed_file_refuses_nothing(compression: Compression) -> None:
    contract = feed(*COLUMNS, name="places", compression=compression)
    data = packed(compression)
    assert sum(chunk.count_rows for chunk in read_chunks(read_settings({}), contract, io.BytesIO(data), [])) == 1_001
    with pytest.raises(OSError, match="Input/output error"):
        list(read_chunks(read_settings({}), contract, BadDisk(data), []))


def test_a_disk_that_fails_under_a_parquet_file_refuses_nothing() -> None:
    made = io.BytesIO()
    notes = [f"{random.getrandbits(4_000):x}" for _ in range(1_000)]
    pq.write_table(pa.table({"place": ["Bow"] * 1_000, "note": notes}), made)
    with pytest.raises(OSError, match="Input/output error"):
        list(read_chunks(read_settings({}), FORMS[FileFormat.PARQUET], BadDisk(made.getvalue()), []))


def test_a_column_whose_name_is_not_utf8_refuses_a_parquet_file() -> None:
    data = FILES[FileFormat.PARQUET].replace(b"note", b"\xff\xfe\xff\xfe")
    with pytest.raises(DeliveryRefused):
        list(read_chunks(read_settings({}), FORMS[FileFormat.PARQUET], io.BytesIO(data), []))


def test_a_file_that_the_hub_failed_over_is_read_when_it_comes_again(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = FORMS[FileFormat.CSV]
    prepare_warehouse(engine, [contract])
    with monkeypatch.context() as patched:
        fail_with(patched, FileFormat.CSV, TypeError("the hub's own fault"))
        assert take_in(settings, engine, contract, FILES[FileFormat.CSV]).status is DeliveryStatus.REFUSED
    assert take_in(settings, engine, contract, FILES[FileFormat.CSV], "again.csv").status is DeliveryStatus.LOADED
