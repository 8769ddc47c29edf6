"""The file and the delivery of a contract: form, identity, rejected rows, cadence; no key that nothing reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from open_data_contract_standard.model import ServiceLevelAgreementProperty

from hub.contracts.values import Compression, ContractRefused, FileFormat, member, read_boolean
from hub.settings import MEBIBYTE

PANDAS, SPARK = "pandas", "spark"
UTF_8 = "utf-8"
ASCII = bytes(range(128))
KEYS_OF_A_FORM = frozenset(
    {
        *("formats", "compression", "encoding", "delimiter", "rowPath", "countAttribute", "controlFile"),
        *("parts", "engine", "engineFromMegabytes"),
    }
)


@dataclass(frozen=True)
class FileForm:
    """How the bytes of a delivery are laid out.

    ``formats`` are the forms in which the sender delivers (Parquet is known by its magic bytes, so at most one of the
    others is beside it). ``row_path`` and ``count_attribute`` are for XML: the element that is a row, and the
    root's attribute in which the sender states how many there are. With ``has_control_file`` the sender may put
    ``<file>.control.json`` (``{"rows": N}``) beside a file. With ``has_parts`` a zip file may hold a CSV file in parts,
    which Spark reads side by side from so many bytes of the file on (``spark_from_bytes``; None: never).
    """

    formats: tuple[FileFormat, ...]
    compression: Compression
    encoding: str
    delimiter: str
    row_path: str | None
    count_attribute: str | None
    has_control_file: bool
    has_parts: bool = False
    spark_from_bytes: int | None = None


@dataclass(frozen=True)
class Identity:
    """What makes a record the same record: the same text in all columns, unless ``separate_when_empty`` names a column
    and it is empty: then equal rows of one delivery are separate records."""

    separate_when_empty: str | None


@dataclass(frozen=True)
class RejectedRows:
    """How many rows of a delivery may break a rule: a delivery of ``minimum_rows`` or more is held when the share of
    such rows is above ``most_share``, and any is refused as soon as there are more than ``most_rows`` of them.
    ``because`` says why the share is limited."""

    most_share: float
    minimum_rows: int
    because: str
    most_rows: int = 100_000


USUAL_REJECTED_ROWS = RejectedRows(0.2, 20, "where so many rows are wrong, the others are likely to be wrong as well")


@dataclass(frozen=True)
class Cadence:
    """How often a delivery is due, in days, and after how many further hours it is late."""

    every_days: int
    grace_hours: int


def read_file_form(value: dict[str, Any]) -> FileForm:
    """Read ``customProperties.fileForm``."""
    if unknown := sorted(value.keys() - KEYS_OF_A_FORM):
        raise ContractRefused(f"fileForm: nothing reads {', '.join(unknown)}")
    formats = tuple(member(FileFormat, one, "fileForm.formats") for one in value.get("formats") or ())
    if not formats or len(set(formats) - {FileFormat.PARQUET}) > 1:
        raise ContractRefused("fileForm.formats needs one form, or one and parquet")
    if (FileFormat.XML in formats) != ("rowPath" in value):
        raise ContractRefused("fileForm.rowPath must be given for xml, and only there")
    compression = member(Compression, value.get("compression", "none"), "fileForm.compression")
    _refuse_unread(value, formats)
    _refuse_unreadable(value)
    has_parts = read_boolean(value.get("parts", False), "fileForm.parts")
    if has_parts and (formats != (FileFormat.CSV,) or compression is not Compression.ZIP):
        raise ContractRefused("fileForm.parts is for csv in a zip file")
    spark_from_bytes = _spark_from_bytes(value)
    if spark_from_bytes is not None and not has_parts:
        raise ContractRefused("fileForm.engine: spark is for a file in parts")
    return FileForm(
        formats=formats,
        compression=compression,
        has_parts=has_parts,
        spark_from_bytes=spark_from_bytes,
        encoding=str(value.get("encoding", UTF_8)),
        delimiter=str(value.get("delimiter", ",")),
        row_path=value.get("rowPath"),
        count_attribute=value.get("countAttribute"),
        has_control_file=read_boolean(value.get("controlFile", False), "fileForm.controlFile"),
    )


def _refuse_unread(value: Mapping[str, Any], formats: tuple[FileFormat, ...]) -> None:
    """Keys that the readers of these forms do not read. All but CSV read UTF-8 or what the file itself says."""
    is_csv = FileFormat.CSV in formats
    read = {
        "countAttribute": FileFormat.XML in formats,
        "encoding": is_csv or value.get("encoding") == UTF_8,
        "delimiter": is_csv,
        "compression": formats != (FileFormat.PARQUET,),
    }
    if unread := [key for key, is_read in read.items() if key in value and not is_read]:
        raise ContractRefused(f"fileForm: nothing reads {', '.join(unread)} of {' and '.join(formats)}")


def _refuse_unreadable(value: Mapping[str, Any]) -> None:
    """Values with which no file could be read."""
    encoding, delimiter = str(value.get("encoding", UTF_8)), str(value.get("delimiter", ","))
    try:
        is_like_ascii = ASCII.decode(encoding) == ASCII.decode("ascii")
    except (LookupError, ValueError):
        is_like_ascii = False
    if not is_like_ascii:
        raise ContractRefused(f"fileForm.encoding: {encoding!r} is none that the hub reads")
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n\0':
        raise ContractRefused("fileForm.delimiter is one character of ASCII, and no quote or line end")
    if "/" in str(value.get("rowPath", "")):
        raise ContractRefused("fileForm.rowPath is the name of an element below the root")


def _spark_from_bytes(value: Mapping[str, Any]) -> int | None:
    engine, megabytes = value.get("engine", PANDAS), value.get("engineFromMegabytes")
    if engine not in (PANDAS, SPARK):
        raise ContractRefused(f"fileForm.engine knows {PANDAS} and {SPARK}")
    if megabytes is not None and (engine != SPARK or type(megabytes) is not int or megabytes < 0):
        raise ContractRefused("fileForm.engineFromMegabytes is a whole number, and goes with engine: spark")
    return (megabytes or 0) * MEBIBYTE if engine == SPARK else None


def read_rejected_rows(value: dict[str, Any] | None) -> RejectedRows:
    """Read ``customProperties.rejectedRows``: ``mostShare``, ``minimumRows``, ``mostRows`` and ``because``."""
    if value is None:
        return USUAL_REJECTED_ROWS
    if unknown := sorted(value.keys() - {"mostShare", "minimumRows", "mostRows", "because"}):
        raise ContractRefused(f"rejectedRows: nothing reads {', '.join(unknown)}")
    share = value.get("mostShare", USUAL_REJECTED_ROWS.most_share)
    counts = {
        "minimumRows": value.get("minimumRows", USUAL_REJECTED_ROWS.minimum_rows),
        "mostRows": value.get("mostRows", USUAL_REJECTED_ROWS.most_rows),
    }
    because = str(value.get("because") or "").strip()
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise ContractRefused("rejectedRows.mostShare must be a number from 0 to 1")
    for name, rows in counts.items():
        if isinstance(rows, bool) or not isinstance(rows, int) or rows < 1:
            raise ContractRefused(f"rejectedRows.{name} must be a whole number above zero")
    if not because:
        raise ContractRefused("rejectedRows.because must say why the limit is there")
    return RejectedRows(float(share), counts["minimumRows"], because, counts["mostRows"])


def read_cadence(items: list[ServiceLevelAgreementProperty]) -> Cadence:
    """Read ``slaProperties``: ``frequency`` in days, weeks or months, and ``latency`` (grace) in hours or days."""
    given = {item.property: item for item in items}
    if set(given) != {"frequency", "latency"}:
        raise ContractRefused("slaProperties must hold frequency and latency, and nothing else is read")
    days = {"d": 1, "w": 7, "m": 31}
    hours = {"h": 1, "d": 24}
    return Cadence(
        every_days=_amount(given["frequency"], days, least=1),
        grace_hours=_amount(given["latency"], hours, least=0),
    )


def _amount(item: ServiceLevelAgreementProperty, units: Mapping[str, int], *, least: int) -> int:
    value, unit = item.value, item.unit
    if not isinstance(value, int) or isinstance(value, bool) or value < least or unit is None or unit not in units:
        message = f"needs a whole value from {least} and a unit of {sorted(units)}"
        raise ContractRefused(f"slaProperties.{item.property} {message}")
    return value * units[unit]
