"""What lies in an archive beside its files is looked through, within limits."""

import io
import zipfile

from hub.privacy.beside_rows import hidden_in_zip
from hub.privacy.identity import Identity
from hub.privacy.plain_text import TextSearch, names_in

EMAIL = "ada@example.org"
MOST = 10**6


def as_zip(*files: tuple[str, bytes], first: int = 0) -> bytes:
    """An archive whose directory leaves out the files before the first."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
        for one in archive.filelist[:first]:
            archive.NameToInfo.pop(one.filename)
        del archive.filelist[:first]
    return target.getvalue()


def hidden(data: bytes, most_bytes: int = MOST) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return hidden_in_zip(io.BytesIO(data), archive, most_bytes)


def test_a_file_that_no_directory_names_is_unpacked() -> None:
    data = as_zip(("old.txt", f"told {EMAIL}".encode() * 9), ("new.txt", b"nothing"), first=1)
    assert any(EMAIL.encode() in part for part in hidden(data))
    count, masked = TextSearch.of(Identity.of([{"email": EMAIL}])).mask(data, MOST)
    assert count == 1
    assert not any(EMAIL.encode() in part for part in hidden(masked))
    assert zipfile.ZipFile(io.BytesIO(masked)).read("new.txt") == b"nothing"


def test_hidden_files_are_unpacked_to_no_more_than_the_most_bytes_of_all() -> None:
    packed = [(f"{number}.txt", b"x" * 60_000) for number in range(9)]
    assert sum(map(len, hidden(as_zip(*packed, ("new.txt", b""), first=9), 100_000))) < 120_000


def test_an_archive_with_nothing_beside_its_files_stays_byte_for_byte() -> None:
    data = as_zip(("a.txt", b"nothing"), ("b.txt", b"of Bo"))
    assert TextSearch.of(Identity.of([{"email": EMAIL}])).mask(data, MOST) == (0, data)


def test_comments_of_xml_are_read_in_archives_too_and_nothing_of_other_bytes() -> None:
    xml = f"<a><!-- {EMAIL} --><b>x</b></a>".encode()
    assert EMAIL in names_in(io.BytesIO(as_zip(("a.xml", xml))))
    assert names_in(io.BytesIO(f"<a>no end <!-- {EMAIL} -->".encode())).strip() == EMAIL
    assert names_in(io.BytesIO(f"{EMAIL},<a>".encode())) == ""
