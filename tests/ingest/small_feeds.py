"""Feeds of two or three columns, for tests that need no more, and what a reader made of a text."""

import io
import re
from collections.abc import Iterable, Iterator

from hub.contracts.date_patterns import read_pattern
from hub.contracts.files import Cadence, FileForm, Identity
from hub.contracts.model import Contract
from hub.contracts.rules import AgreementRule, Rule, derive_rules
from hub.contracts.values import (
    DAY,
    MOMENT,
    Classification,
    Collected,
    Column,
    Compression,
    FileFormat,
    LogicalType,
    TextFormat,
)
from hub.deliveries import Chunk
from hub.ingest.readers.csv_rows import read_csv


def column(
    name: str,
    *,
    header: str | None = None,
    kind: LogicalType = LogicalType.STRING,
    classification: Classification = Classification.INTERNAL,
    required: bool = False,
    unique: bool = False,
    max_length: int | None = None,
    collects: str | None = None,
    date_format: str | None = None,
    text_format: TextFormat | None = None,
) -> Column:
    """A column without limits, but for a length."""
    is_dated = kind in (LogicalType.DATE, LogicalType.TIMESTAMP)
    usual = DAY if kind is LogicalType.DATE else MOMENT
    return Column(
        name=name,
        headers=(header or name,),
        may_be_absent=False,
        description=name,
        logical_type=kind,
        required=required,
        unique=unique,
        classification=classification,
        format=read_pattern(date_format or usual) if is_dated else None,
        pattern=None,
        minimum=None,
        maximum=None,
        min_length=None,
        max_length=max_length,
        collected=Collected(re.compile(collects), read_pattern("yyyyMM"), "2008-01-01", 1_000_000)
        if collects
        else None,
        text_format=text_format,
    )


def feed(
    *columns: Column,
    name: str = "small_feed",
    form: FileFormat = FileFormat.CSV,
    compression: Compression = Compression.NONE,
    encoding: str = "utf-8",
    delimiter: str = ",",
    row_path: str | None = None,
    count_attribute: str | None = None,
    has_control_file: bool = False,
    delivery_rules: tuple[Rule, ...] = (),
    separate_when_empty: str | None = None,
    event_column: str | None = None,
    sender_column: str | None = None,
    file_name_pattern: str | None = None,
    version: str = "1.0.0",
    agreement_rules: tuple[AgreementRule, ...] = (),
    key: tuple[str, ...] = (),
    most_withdrawn: float | None = None,
) -> Contract:
    """A feed whose rules are those that follow from its columns."""
    return Contract(
        feed=name,
        title=name,
        version=version,
        purpose="Tests",
        owner="desk",
        sender="a sender",
        form=FileForm((form,), compression, encoding, delimiter, row_path, count_attribute, has_control_file),
        columns=columns,
        identity=Identity(separate_when_empty),
        row_rules=tuple(rule for one in columns for rule in derive_rules(one)),
        delivery_rules=delivery_rules,
        cadence=Cadence(1, 24),
        event_column=event_column,
        sender_column=sender_column,
        file_name_pattern=re.compile(file_name_pattern) if file_name_pattern else None,
        agreement_rules=agreement_rules,
        key_columns=tuple(one for one in columns if one.name in key),
        most_withdrawn=most_withdrawn,
    )


class Seen:
    """What came of a file: ``rows`` are (number, line, cells), ``broken`` are (number, line, rule), ``texts`` the
    broken rows' own text by their number."""

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self.rows: list[tuple[int, int | None, tuple[str | None, ...]]] = []
        self.broken: list[tuple[int, int | None, str]] = []
        self.texts: dict[int, str] = {}
        for chunk in chunks:
            cells = zip(*(one.to_pylist() for one in chunk.rows.columns), strict=True)
            numbers = zip(chunk.row_numbers.to_pylist(), chunk.line_numbers.to_pylist(), strict=True)
            self.rows += [(number, line, row) for (number, line), row in zip(numbers, cells, strict=True)]
            for one in chunk.broken:
                said = one.rejection
                self.broken.append((said.row_number, said.line_number, said.rule))
                self.texts[said.row_number] = one.raw_text

    @property
    def cells(self) -> list[tuple[str | None, ...]]:
        """Cells of the rows in the order of their numbers."""
        return [row for _, _, row in sorted(self.rows, key=lambda one: one[0])]

    @property
    def numbers(self) -> list[int]:
        """Numbers of all rows, broken or not, in rising order."""
        return sorted([number for number, _, _ in self.rows] + [number for number, _, _ in self.broken])

    @property
    def lines(self) -> dict[int, int | None]:
        """Line by row number, of all rows."""
        return {number: line for number, line, _ in (*self.rows, *self.broken)}

    @property
    def rules(self) -> dict[int, str]:
        """Rule by row number, of the broken rows."""
        return {number: rule for number, _, rule in self.broken}


PLACES = feed(column("place"), column("note"))


def see_csv(data: bytes, contract: Contract = PLACES, chunk_bytes: int = 1 << 20) -> Seen:
    """Read a CSV text in blocks of ``chunk_bytes``."""
    return Seen(read_csv(contract, io.BytesIO(data), chunk_bytes))


def see_csv_in_any_blocks(data: bytes, contract: Contract = PLACES) -> Seen:
    """Read it whole and in blocks of several sizes, which must make no difference."""
    whole = see_csv(data, contract)
    for chunk_bytes in _block_sizes(len(data)):
        piecewise = see_csv(data, contract, chunk_bytes)
        assert (sorted(piecewise.rows), sorted(piecewise.broken)) == (sorted(whole.rows), sorted(whole.broken))
    return whole


def _block_sizes(length: int) -> Iterator[int]:
    yield from (size for size in (1, 2, 3, 7, 16, 64, 1000) if size < length)
