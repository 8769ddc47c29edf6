import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest

from hub.contracts.values import Compression
from hub.deliveries import DeliveryRefused
from hub.ingest.readers import read_chunks
from hub.ingest.readers.unpack import RATIO_FREE_BYTES, unpacked
from hub.settings import read_settings
from ingest.small_feeds import Seen, column, feed

LIMIT = 1 << 30
TEXT = b"place,note\nBow,x\n"
ENCRYPTED_FLAG = 0x1


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return target.getvalue()


def read(path: Path, compression: Compression, limit: int = LIMIT) -> bytes:
    with unpacked(io.BytesIO(path.read_bytes()), compression, limit) as stream:
        return stream.read()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "packed"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_the_one_file_of_a_zip_is_read(path: Path, method: int) -> None:
    path.write_bytes(zipped(("a.csv", TEXT), method=method))
    assert read(path, Compression.ZIP) == TEXT
    path.write_bytes(zipped(("folder/", b""), ("folder/a.csv", TEXT)))
    assert read(path, Compression.ZIP) == TEXT


def test_a_gzip_of_several_parts_is_one_text(path: Path) -> None:
    path.write_bytes(gzip.compress(TEXT[:5]) + gzip.compress(TEXT[5:]))
    assert read(path, Compression.GZIP) == TEXT


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([], "holds 0 files"),
        ([("a.csv", TEXT), ("b.csv", TEXT)], "holds 2 files"),
        ([("a.csv", TEXT), ("a.csv", TEXT)], "holds 2 files"),
        ([("a.csv", TEXT), ("folder/", TEXT)], "holds 2 files"),
        ([("../a.csv", TEXT)], "leads elsewhere"),
        ([("/etc/a.csv", TEXT)], "leads elsewhere"),
        ([("x/../../a.csv", TEXT)], "leads elsewhere"),
        ([("..\\a.csv", TEXT)], "leads elsewhere"),
        ([("C:\\a.csv", TEXT)], "leads elsewhere"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_more_than_one_file_or_a_leading_path_is_refused(
    path: Path, members: list[tuple[str, bytes]], reason: str
) -> None:
    path.write_bytes(zipped(*members))
    with pytest.raises(DeliveryRefused, match=reason):
        read(path, Compression.ZIP)


def test_a_zip_with_another_before_or_after_it_is_refused(path: Path) -> None:
    one, other = zipped(("a.csv", TEXT)), zipped(("b.csv", TEXT + b"Ely,y\n"))
    for put_together in (one + other, TEXT + one, one + TEXT, one + b"\0"):
        path.write_bytes(put_together)
        with pytest.raises(DeliveryRefused):
            read(path, Compression.ZIP)


def test_a_zip_with_a_comment_is_read(path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.csv", TEXT)
        archive.comment = b"from our system"
    path.write_bytes(target.getvalue())
    assert read(path, Compression.ZIP) == TEXT


def test_an_encrypted_zip_is_refused(path: Path) -> None:
    data = bytearray(zipped(("a.csv", TEXT)))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= ENCRYPTED_FLAG
    path.write_bytes(data)
    with pytest.raises(DeliveryRefused, match="encrypted"):
        read(path, Compression.ZIP)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_packed_in_an_unusual_way_is_refused(path: Path, method: int) -> None:
    path.write_bytes(zipped(("a.csv", TEXT), method=method))
    with pytest.raises(DeliveryRefused, match="another way than deflate"):
        read(path, Compression.ZIP)


def test_a_name_that_is_no_text_is_refused(path: Path) -> None:
    path.write_bytes(zipped(("é.csv", TEXT)).replace("é".encode(), b"\xff\xff"))
    with pytest.raises(DeliveryRefused):
        read(path, Compression.ZIP)


@pytest.mark.parametrize("compression", [Compression.ZIP, Compression.GZIP])
def test_a_small_file_that_unpacks_to_a_huge_one_is_refused_before_it_fills_memory(
    path: Path, compression: Compression
) -> None:
    zeros = 2 * RATIO_FREE_BYTES
    if compression is Compression.GZIP:
        with gzip.open(path, "wb", compresslevel=9) as target:
            for _ in range(zeros >> 20):
                target.write(bytes(1 << 20))
    else:
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
            archive.open("a", "w") as one,
        ):
            for _ in range(zeros >> 20):
                one.write(bytes(1 << 20))
    sizes: list[int] = []
    with (
        unpacked(io.BytesIO(path.read_bytes()), compression, LIMIT) as stream,
        pytest.raises(DeliveryRefused, match="larger than"),
    ):
        sizes.extend(len(data) for data in iter(lambda: stream.read(1 << 20), b""))
    assert sum(sizes) <= max(RATIO_FREE_BYTES, 500 * path.stat().st_size) < zeros


def test_the_limit_of_unpacked_bytes_holds_also_where_the_ratio_is_harmless(path: Path) -> None:
    path.write_bytes(zipped(("a.csv", bytes(range(256)) * 100)))
    assert len(read(path, Compression.ZIP, 25_600)) == 25_600
    with pytest.raises(DeliveryRefused, match="larger than 25599 bytes"):
        read(path, Compression.ZIP, 25_599)


def test_a_zip_inside_a_zip_is_not_opened(path: Path) -> None:
    path.write_bytes(zipped(("inner.zip", zipped(("a.csv", TEXT)))))
    contract = feed(column("place"), column("note"), compression=Compression.ZIP)
    with pytest.raises(DeliveryRefused):
        list(read_chunks(read_settings({}), contract, io.BytesIO(path.read_bytes()), []))


@pytest.mark.parametrize(
    ("compression", "data"),
    [
        (Compression.GZIP, gzip.compress(TEXT * 1000, mtime=0)[:-9]),
        (Compression.GZIP, gzip.compress(TEXT, mtime=0)[:-8] + bytes(8)),
        (Compression.GZIP, gzip.compress(TEXT, mtime=0) + b"and more"),
        (Compression.GZIP, TEXT),
        (Compression.GZIP, b"\x1f\x8b"),
        (Compression.GZIP, bz2.compress(TEXT)),
        (Compression.ZIP, zipped(("a.csv", TEXT))[:-5]),
        (Compression.ZIP, zipped(("a.csv", TEXT))[:20]),
        (Compression.ZIP, zipped(("a.csv", TEXT)).replace(b"PK\x03\x04", b"PK\x03\x05")),
        (Compression.ZIP, b"".join((zipped(("a.csv", TEXT * 99))[:60], bytes(20), zipped(("a.csv", TEXT * 99))[80:]))),
        (Compression.ZIP, TEXT),
        (Compression.ZIP, b"PK\x05\x06" + bytes(18)),
        (Compression.ZIP, b"PK\x05\x06" + b"\xff" * 18),
        (Compression.ZIP, gzip.compress(TEXT, mtime=0)),
        (Compression.ZIP, lzma.compress(TEXT)),
    ],
    # Named, because packed bytes hold the second of their making, and a test must be called the same in every process.
    ids=[
        "gzip cut short",
        "gzip with a wrong checksum",
        "gzip with more behind it",
        "text, not gzip",
        "the first two bytes of a gzip",
        "bzip2, not gzip",
        "zip cut short",
        "zip cut to its first bytes",
        "zip with a spoiled header",
        "zip with a hole",
        "text, not zip",
        "an empty zip",
        "a zip that claims too much",
        "gzip, not zip",
        "xz, not zip",
    ],
)
def test_a_damaged_or_mistaken_package_is_refused(path: Path, compression: Compression, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(DeliveryRefused):
        read(path, compression)


def test_the_limits_of_the_file_itself_come_before_anything_is_read(path: Path) -> None:
    contract = feed(column("place"), column("note"))
    path.write_bytes(b"")
    with pytest.raises(DeliveryRefused, match="empty"):
        list(read_chunks(read_settings({}), contract, io.BytesIO(path.read_bytes()), []))
    path.write_bytes(b"x" * (1024 * 1024 + 1))
    with pytest.raises(DeliveryRefused, match="larger than 1048576 bytes"):
        list(read_chunks(read_settings({"HUB_MAX_FILE_MB": "1"}), contract, io.BytesIO(path.read_bytes()), []))


def test_a_packed_feed_is_read_through_its_package(path: Path) -> None:
    contract = feed(column("place"), column("note"), compression=Compression.GZIP)
    path.write_bytes(gzip.compress(TEXT))
    assert Seen(read_chunks(read_settings({}), contract, io.BytesIO(path.read_bytes()), [])).cells == [("Bow", "x")]
