"""Files in which somebody stands at a place that is no value of a column, or is written as only such a file can."""

import gzip
import io
import json
import zipfile
from collections.abc import Iterator

from hub.contracts.model import Contract
from privacy.cards import CARDS, NAMES, NOTES, PACKS, PRESSED, SHEETS, as_csv, as_json_lines, as_parquet

EMAIL = "ada.quill@example.org"
ADA = {
    "ref": "A",
    "victim_name": "Ada Quill",
    "victim_postcode": "SE1 7PB",
    "victim_email": EMAIL,
    "victim_phone": "07700 900123",
    "words": "words of Ada",
}
BO = {"ref": "B", "victim_name": "Bo Nolan", "victim_email": "bo@example.org", "words": "words of Bo"}
TOLD = f"told by {EMAIL}"
OddFile = tuple[str, Contract, bytes]


def odd_files() -> Iterator[OddFile]:
    """Each with what is odd about it, the feed that it is delivered to, and its bytes."""
    yield from _of_lines()
    yield from _of_elements()
    yield from _packed()
    yield "table with a note", CARDS, as_parquet([BO], {"made": TOLD})
    yield "table with a note and the person", CARDS, as_parquet([BO, ADA], {"made": TOLD})


def _of_lines() -> Iterator[OddFile]:
    csv = as_csv([BO])
    yield "mark", CARDS, b"\xef\xbb\xbf" + as_csv([ADA, BO])
    yield "further column", CARDS, csv.replace(b"words\n", b"words,more\n").replace(b"Bo\n", f"Bo,{TOLD}\n".encode())
    yield "named column", CARDS, csv.replace(b"words\n", f"words,{EMAIL}\n".encode()).replace(b"of Bo\n", b"of Bo,x\n")
    yield from ((odd, NOTES, as_json_lines([BO]) + line) for odd, line in _odd_lines())


def files_with_an_inner_value() -> Iterator[OddFile]:
    """The person stands in a column that is classified as nobody's."""
    yield "inner column", CARDS, as_csv([{**BO, "place": TOLD}])
    yield "own inner column", CARDS, as_csv([{**ADA, "place": TOLD}, BO])
    yield "own reference", CARDS, as_csv([{**ADA, "ref": EMAIL}, BO])


def _odd_lines() -> Iterator[tuple[str, bytes]]:
    other = {name: BO.get(name) for name in NAMES}
    yield "further key", json.dumps({**other, "more": TOLD}).encode() + b"\n"
    yield "further key of the person", json.dumps({**other, **ADA, "more": TOLD}).encode() + b"\n"
    yield "key with a name", json.dumps({**other, EMAIL: "x"}).encode() + b"\n"
    yield "key twice", json.dumps(other).replace('"words": ', f'"words": "{TOLD}", "words": ').encode() + b"\n"
    twice = json.dumps({**other, **ADA}).replace('"victim_email": ', f'"victim_email": "{EMAIL}", "victim_email": ')
    yield "key of the person twice", twice.encode() + b"\n"
    yield "object in place of a text", json.dumps({**other, "place": {"by": TOLD}}).encode() + b"\n"
    escaped = "".join(f"\\u{ord(one):04X}" for one in EMAIL)
    yield "escapes", as_json_lines([BO, ADA]).replace(EMAIL.encode(), escaped.encode())
    yield (
        "escapes in another's text",
        as_json_lines([{**BO, "words": "W"}]).replace(b'"W"', f'"told by {escaped}"'.encode()),
    )


def _of_elements() -> Iterator[OddFile]:
    references = "".join(f"&#x{ord(one):x};" for one in EMAIL)
    yield "references", SHEETS, _sheet({**ADA, "victim_email": references}, BO)
    yield "references in another's text", SHEETS, _sheet({**BO, "words": f"told by {references}"})
    yield "references in a name", SHEETS, _sheet({**BO, "words": "told by Ada &#81;uill of SE1&#160;7PB"})
    yield "character data", SHEETS, _sheet({**ADA, "victim_email": f"<![CDATA[{EMAIL}]]>"}, BO)
    yield "comment between", SHEETS, _sheet(BO).replace(b"<cards>", f"<cards><!-- {TOLD} -->".encode())
    yield "comment within", SHEETS, _sheet(BO).replace(b"</card>", f"<!-- {TOLD} --></card>".encode())
    yield "comment in a value", SHEETS, _sheet({**BO, "words": f"of <!-- {TOLD} -->Bo"})
    yield "comment at the end", SHEETS, _sheet(BO) + f"<!-- {TOLD} -->\n".encode()
    yield "comment with the person", SHEETS, _sheet(ADA, BO).replace(b"</card>", f"<!-- {TOLD} --></card>".encode())
    yield "instruction", SHEETS, _sheet(BO).replace(b"<cards>", f"<cards><?by {TOLD}?>".encode())
    yield "attribute", SHEETS, _sheet(BO).replace(b"<card>", f'<card by="{TOLD}">'.encode())
    yield "attribute of a value", SHEETS, _sheet(BO).replace(b"<words>", f'<words by="{TOLD}">'.encode())
    yield "attribute of the person", SHEETS, _sheet(ADA, BO).replace(b"<card>", f'<card by="{TOLD}">'.encode(), 1)
    yield "attribute with references", SHEETS, _sheet(BO).replace(b"<card>", f'<card by="{references}">'.encode())
    yield "further element", SHEETS, _sheet({**BO, "more": TOLD})
    yield "further element of the person", SHEETS, _sheet({**ADA, "more": TOLD}, BO)
    yield "element twice", SHEETS, _sheet(BO).replace(b"<words>", f"<words>{TOLD}</words><words>".encode())
    yield "text between", SHEETS, _sheet(BO).replace(b"<cards>", f"<cards>{TOLD}".encode())
    yield "beside the cards", SHEETS, _sheet(BO).replace(b"<cards>", f"<cards><by>{TOLD}</by>".encode())


def _sheet(*rows: dict[str, str]) -> bytes:
    every = [{**dict.fromkeys(NAMES, ""), **row} for row in rows]
    cards = ["".join(f"<{name}>{value}</{name}>" for name, value in row.items()) for row in every]
    return ("<cards>" + "".join(f"<card>{one}</card>" for one in cards) + "</cards>\n").encode()


def _packed() -> Iterator[OddFile]:
    plain = _zip(as_csv([BO]))
    yield "comment of an archive", PACKS, _zip(as_csv([BO]), comment=TOLD)
    yield "comment of a member", PACKS, _zip(as_csv([BO]), comment_of_member=TOLD)
    yield "field of a member", PACKS, _zip(as_csv([BO]), field=TOLD)
    yield "field of a member with the person", PACKS, _zip(as_csv([BO, ADA]), field=TOLD)
    yield "bytes after an archive", PACKS, plain + TOLD.encode()
    yield "member that no directory names", PACKS, _with_a_member_left_behind()
    yield "name of a gzip file", PRESSED, _gzip(as_csv([BO]), name=f"{EMAIL}.csv")
    yield "comment of a gzip file", PRESSED, _gzip(as_csv([BO]), comment=TOLD)
    yield "field of a gzip file", PRESSED, _gzip(as_csv([BO]), field=TOLD)
    yield "field of a gzip file with the person", PRESSED, _gzip(as_csv([BO, ADA]), field=TOLD)


def _zip(data: bytes, comment: str = "", comment_of_member: str = "", field: str = "") -> bytes:
    target, member = io.BytesIO(), zipfile.ZipInfo("cards.csv")
    member.compress_type = zipfile.ZIP_DEFLATED
    member.comment = comment_of_member.encode()
    member.extra = b"UT" + len(field).to_bytes(2, "little") + field.encode() if field else b""
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(member, data)
        archive.comment = comment.encode()
    return target.getvalue()


def _with_a_member_left_behind() -> bytes:
    """As a program leaves it that takes a file out of an archive and does not write the archive again."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("removed.csv", as_csv([ADA]))
        archive.writestr("cards.csv", as_csv([BO]))
        archive.NameToInfo.pop(archive.filelist.pop(0).filename)
    return target.getvalue()


def _gzip(data: bytes, name: str = "", comment: str = "", field: str = "") -> bytes:
    target = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=target, mtime=0) as packed:
        packed.write(data)
    plain = target.getvalue()
    head, rest, flags = plain[:10], plain[10:], plain[3]
    if field:
        flags |= 4
        own = b"UT" + len(field).to_bytes(2, "little") + field.encode()
        rest = (len(own)).to_bytes(2, "little") + own + rest
    if comment:
        flags |= 16
        rest = comment.encode() + b"\0" + rest
    return head[:3] + bytes([flags]) + head[4:] + rest
