"""The form of a file that is not of its feed's form, so that a refusal can name it."""

from hub.contracts.values import FileFormat
from hub.deliveries import DeliveryRefused

HEAD_BYTES = 4096
"""So much of a file's beginning is looked at."""

ZIP_NAME_AT = 30
"""Where a zip file has the name of its first member."""

EXCEL_MEMBERS = (b"[Content_Types].xml", b"xl/", b"_rels/", b"docProps/")
BINARY = (
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"PAR1", "a Parquet file"),
    (b"Rar!", "a rar archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
)
WRITTEN = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<", "XML"),
    (b"[", "a JSON list"),
    (b"{", "JSON"),
)
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
NAMES = {
    FileFormat.CSV: "CSV",
    FileFormat.JSONL: "JSON Lines, one object a line",
    FileFormat.XML: "XML",
    FileFormat.PARQUET: "Parquet",
}
OWN = {FileFormat.CSV: frozenset[str](), FileFormat.JSONL: frozenset({"JSON"}), FileFormat.XML: frozenset({"XML"})}
"""What the beginning of a right file is called here."""


def binary_found(head: bytes) -> str | None:
    """What a file that begins so is, where it is no plain text: a PDF, an archive, text in UTF-16. None: not known."""
    if head.startswith(b"PK\x03\x04"):
        return "an Excel workbook" if head.startswith(EXCEL_MEMBERS, ZIP_NAME_AT) else "a zip file"
    if head.startswith(UTF_16_MARKS) or _looks_like_utf_16(head):
        return "text in UTF-16"
    return next((name for magic, name in BINARY if head.startswith(magic)), None)


def form_found(head: bytes) -> str | None:
    """What a file that begins so is, text or not. None: not known."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return binary_found(head) or next((name for begin, name in WRITTEN if text.startswith(begin)), None)


def refuse_other_form(head: bytes, wanted: FileFormat, encoding: str) -> None:
    """Raise :class:`DeliveryRefused` where the beginning of a file cannot be of the form that is due."""
    # One line of JSON Lines may be anything: its reader looks at several.
    found = binary_found(head) if wanted is FileFormat.JSONL else form_found(head)
    if found is not None and found not in OWN.get(wanted, ()):
        raise DeliveryRefused(f"this is {found}; this feed sends {described(wanted, encoding)}")


def described(wanted: FileFormat, encoding: str) -> str:
    """The form that is due, in words."""
    return f"{NAMES[wanted]} in {encoding}" if wanted is FileFormat.CSV else NAMES[wanted]


def _looks_like_utf_16(head: bytes) -> bool:
    """Plain letters in UTF-16 have a NUL in every other byte."""
    some = head[:64]
    return len(some) >= 8 and (not any(some[0::2]) or not any(some[1::2]))
