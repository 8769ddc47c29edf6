"""Landing → rows: the text rows of a landed file, in chunks, whatever its form."""

import io
from collections.abc import Iterator
from typing import BinaryIO

from hub.contracts.model import Contract
from hub.contracts.values import FileFormat
from hub.deliveries import Chunk, ControlTotal, DeliveryRefused
from hub.ingest.readers.csv_rows import read_csv
from hub.ingest.readers.json_lines import read_json_lines
from hub.ingest.readers.other_forms import HEAD_BYTES, refuse_other_form
from hub.ingest.readers.parquet_rows import read_parquet
from hub.ingest.readers.unforeseen import refusing_the_unforeseen
from hub.ingest.readers.unpack import is_parquet, unpacked
from hub.ingest.readers.xml_rows import read_xml
from hub.settings import Settings


def read_chunks(
    settings: Settings, contract: Contract, landed: BinaryIO, stated: list[ControlTotal]
) -> Iterator[Chunk]:
    """Read a landed file, opened as it was delivered, as its contract says, in chunks whose size does not depend on the
    file's.

    ``stated`` receives the control total of the file itself, where it has one (XML). Rows that cannot be split into
    columns come as broken rows with a rule. Raises :class:`DeliveryRefused` when the file as a whole is not what the
    contract says, or holds what no reader foresaw; what was yielded until then must then be thrown away.
    """
    return refusing_the_unforeseen(_read_chunks(settings, contract, landed, stated))


def _read_chunks(
    settings: Settings, contract: Contract, landed: BinaryIO, stated: list[ControlTotal]
) -> Iterator[Chunk]:
    size = landed.seek(0, io.SEEK_END)
    landed.seek(0)
    if size == 0:
        raise DeliveryRefused("the file is empty")
    if size > settings.max_file_bytes:
        raise DeliveryRefused(f"the file is larger than {settings.max_file_bytes} bytes")
    forms = contract.form.formats
    if FileFormat.PARQUET in forms and (is_parquet(landed) or len(forms) == 1):
        yield from read_parquet(contract, landed, settings.max_unpacked_bytes)
        return
    wanted = next(one for one in forms if one is not FileFormat.PARQUET)
    form = contract.form
    with unpacked(landed, form.compression, settings.max_unpacked_bytes, has_parts=form.has_parts) as stream:
        refuse_other_form(_head(stream), wanted, form.encoding)
        if FileFormat.CSV in forms:
            yield from read_csv(contract, stream, settings.chunk_bytes)
        elif FileFormat.JSONL in forms:
            yield from read_json_lines(contract, stream, settings.chunk_bytes)
        else:
            yield from read_xml(contract, stream, stated)


def _head(stream: BinaryIO) -> bytes:
    if isinstance(stream, io.BufferedReader):
        return stream.peek(HEAD_BYTES)[:HEAD_BYTES]
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    return head
