"""Text that is not read in rows: whether something in it is about a person, and the same text without that.

Only whole identifiers are looked for: an e-mail address, a telephone number in any way of writing it, a name in the
same piece as a date of birth, a postcode or a contact that others have too. A *piece* is what is most like a row: a
record of lines, an object in JSON, an element of XML that has others like it beside it, a row in Parquet.
"""

import gzip
import io
import itertools
import re
import zipfile
from dataclasses import dataclass, replace
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hub.contracts.characters import UNSEEN
from hub.ingest.collect import KNOWN_SUFFIX, known_suffix
from hub.ingest.readers.other_forms import UTF_16_MARKS, binary_found
from hub.ingest.readers.unpack import DAMAGE, PARQUET_MAGIC
from hub.privacy.beside_rows import LONGEST_HEADER, hidden_in_zip, words_beside, words_of_gzip, words_of_member
from hub.privacy.identity import EMAIL, PHONE, Identity
from hub.privacy.name_patterns import name_pattern, name_words
from hub.privacy.readings import CODED, folded, said_in
from hub.privacy.text_pieces import spans_about, words_only
from hub.privacy.value_patterns import PATTERNS, patterns

MOST_DEPTH = 3
"""Archives within archives are opened so deep."""
MOST_HIDDEN_BYTES = 64 * 1024 * 1024
"""Of a file that the directory of an archive does not name, so many bytes are looked at."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")


class NotSearchable(Exception):
    """Bytes that cannot be made text."""


@dataclass(frozen=True)
class TextSearch:
    """Finds one person in text. ``alone`` and ``beside`` are regular expressions that PostgreSQL knows as well."""

    alone: tuple[str, ...]
    names: tuple[str, ...]
    beside: tuple[str, ...]

    @classmethod
    def of(cls, identity: Identity) -> "TextSearch":
        """What a person can be found by in text: no handles or codes, which are ordinary words elsewhere."""
        by_field = {
            field: identity.beside.get(field, frozenset()) | identity.alone.get(field, frozenset())
            for field in PATTERNS
        }
        alone = [one for field in (EMAIL, PHONE) for one in patterns(field, identity.alone.get(field, frozenset()))]
        beside = [one for field, values in by_field.items() for one in patterns(field, values)]
        names = [name_pattern(name) for name in sorted(identity.names) if name_words(name)]
        return cls(tuple(alone), tuple(names), tuple(beside))

    def for_sql(self) -> dict[str, object]:
        """What SQL with these patterns, in the form of :func:`~hub.privacy.value_patterns.in_sql`, binds."""
        patterns_of = {"alone": list(self.alone), "names": list(self.names), "beside": list(self.beside)}
        return {**patterns_of, "unseen": UNSEEN, "coded": CODED}

    def is_in(self, text: str) -> bool:
        """Whether a piece of text is about the person."""
        said = said_in(text)

        def finds(these: tuple[str, ...]) -> bool:
            return any(re.search(pattern, one) for pattern in these for one in said)

        return finds(self.alone) or (finds(self.names) and finds(self.beside))

    def is_in_name(self, name: str) -> bool:
        """Whether the name of a file is about the person. To a search for whole words, an underscore is a letter, and
        the suffix a part of an address; the ledger has a question mark where a name had a sign that nobody sees."""
        bare = KNOWN_SUFFIX.sub(" ", name)
        words = re.sub("[-_]", " ", folded(bare))
        said = (name, bare, bare.replace("_", " "), words)
        return any(
            map(self.is_in, (*said, *(one.replace("?", now) for one in said if "?" in one for now in ("", " "))))
        )

    def mask(self, data: bytes, most_bytes: int) -> tuple[int, bytes]:
        """Write stars over the pieces that are about the person, which keeps all bytes of text in their places, empty
        such rows of Parquet, and give another name to what is named so in an archive; a PDF stays as it is.
        Returns how many there were, and the bytes without them. Nothing is unpacked beyond ``most_bytes``. Raises
        :class:`NotSearchable`."""
        return self._mask(data, most_bytes, MOST_DEPTH)

    def _mask(self, data: bytes, most_bytes: int, depth: int) -> tuple[int, bytes]:
        try:
            if data.startswith(PARQUET_MAGIC):
                return self._mask_parquet(data, most_bytes)
            if data.startswith(b"%PDF"):
                return int(self.is_in(_text_of_pdf(data))), data
            if data.startswith(b"PK\x03\x04") and depth:
                return self._mask_zip(data, most_bytes, depth)
            if data.startswith(b"\x1f\x8b") and depth:
                with gzip.open(io.BytesIO(data)) as packed:
                    inner = packed.read(most_bytes + 1)
                _refuse_large(len(inner), most_bytes)
                count, masked = self._mask(inner, most_bytes, depth - 1)
                count += self.is_in_name(words_of_gzip(data[:LONGEST_HEADER]))
                return count, gzip.compress(masked, mtime=0) if count else data
        except (*DAMAGE, pa.ArrowException) as error:
            raise NotSearchable("an archive that is not whole") from error
        encoding = _encoding(data)
        count, text = self._mask_text(data.decode(encoding), encoding)
        return count, text.encode(encoding) if count else data

    def _mask_zip(self, data: bytes, most_bytes: int, depth: int) -> tuple[int, bytes]:
        found, target = 0, io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as masked:
            members = archive.infolist()
            _refuse_large(sum(member.file_size for member in members), most_bytes)
            hidden = hidden_in_zip(io.BytesIO(data), archive, most_bytes)  # before writing, which moves members
            found += self.is_in(archive.comment.decode("utf-8", "replace"))
            for number, member in enumerate(members):
                count, inner = self._mask(archive.read(member), most_bytes, depth - 1)
                is_named = self.is_in_name(words_of_member(member))
                found += count + is_named
                new_name = f"erased-{number}{known_suffix(member.filename)}"
                masked.writestr(zipfile.ZipInfo(new_name) if is_named else member, inner)
            # What is hidden is left out of any new archive.
            found = found or int(self._is_hidden(hidden, most_bytes, depth - 1))
        return found, target.getvalue() if found else data

    def _is_hidden(self, parts: list[bytes], most_bytes: int, depth: int) -> bool:
        """Whether bytes of an archive that are no file's are about the person."""
        for part in parts:
            try:
                is_about = bool(self._mask(part, most_bytes, depth)[0])
            except NotSearchable:
                is_about = False
            if is_about or self.is_in_name(part.decode("utf-8", "replace")):
                return True
        return False

    def _mask_parquet(self, data: bytes, most_bytes: int) -> tuple[int, bytes]:
        file = pq.ParquetFile(io.BytesIO(data))
        groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
        _refuse_large(sum(group.total_byte_size for group in groups), most_bytes)
        table = file.read()
        rows = [" ".join(map(str, row.values())) for batch in table.to_batches() for row in batch.to_pylist()]
        is_told = self.is_in(file.schema_arrow.to_string(truncate_metadata=False))
        if not is_told and not self.is_in("\n".join(rows)):
            return 0, data
        is_about = pa.array([self.is_in(row) for row in rows], pa.bool_())
        emptied = {
            name: pc.if_else(is_about, pa.scalar(None, column.type), column)
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
        kept = [f"erased-{number}" if self.is_in_name(name) else name for number, name in enumerate(emptied)]
        target = io.BytesIO()
        pq.write_table(pa.table(list(emptied.values()), names=kept), target)
        count = is_about.true_count + is_told
        return count, target.getvalue() if count else data

    def _mask_text(self, text: str, encoding: str) -> tuple[int, str]:
        if not self._is_in_piece(text):  # most texts, at once
            return 0, text
        spans = spans_about(text, self._is_in_piece)
        bounds = [0, *(place for span in spans for place in span), len(text)]
        parts = [text[start:end] for start, end in itertools.pairwise(bounds)]
        parts[1::2] = [_stars(piece, encoding) for piece in parts[1::2]]
        return len(spans), "".join(parts)

    def _is_in_piece(self, piece: str) -> bool:
        """Whether a piece is about the person, also by a name that is in several cells."""
        return self.is_in(piece) or replace(self, alone=()).is_in(words_only(piece))


def _stars(piece: str, encoding: str) -> str:
    """A piece with stars in the place of all that it says, as many bytes as before: what follows keeps its place."""
    bare = encoding if encoding != "utf-16" else "utf-16-le"  # without the mark at the beginning
    width = len("*".encode(bare))
    return re.sub(r"\S", lambda found: "*" * (len(found.group().encode(bare)) // width), piece)


def names_in(packed: BinaryIO) -> str:
    """What a file says beside its rows."""
    return words_beside(packed, MOST_HIDDEN_BYTES)


def _text_of_pdf(data: bytes) -> str:
    """What a PDF says. Raises :class:`NotSearchable`, also for a page without text: it may be a picture of one."""
    from pypdf import PdfReader  # noqa: PLC0415  # few erasures meet a PDF
    from pypdf.errors import PyPdfError  # noqa: PLC0415  # as above

    try:
        reader = PdfReader(io.BytesIO(data))
        pages = [page.extract_text() for page in reader.pages]
        about = [str(value) for value in (reader.metadata or {}).values()]
    except (PyPdfError, *DAMAGE, LookupError, TypeError, AttributeError) as error:
        raise NotSearchable("a PDF that is not whole") from error
    if not pages or not all(page.strip() for page in pages):
        raise NotSearchable("a PDF with a page without text")
    return "\n".join((*pages, *about))


def _refuse_large(size: int, most_bytes: int) -> None:
    if size > most_bytes:
        raise NotSearchable("an archive of more than the largest file")


def _encoding(data: bytes) -> str:
    """In what these bytes are text. Raises :class:`NotSearchable`."""
    if data.startswith(UTF_16_MARKS):
        candidates = ["utf-16"]
    elif binary_found(data[:64]) == "text in UTF-16":
        candidates = ["utf-16-be" if data[:1] == b"\0" else "utf-16-le"]
    else:
        candidates = ["utf-8", "cp1252"]
    for encoding in candidates:
        try:
            if not _CONTROL.search(data.decode(encoding)):
                return encoding
        except UnicodeDecodeError:
            continue
    raise NotSearchable("neither text nor an archive of text")
