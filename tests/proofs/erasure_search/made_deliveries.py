"""Simulated deliveries, in which chosen persons' own texts are short or common, and planted files in which one person
is written in every way that an erasure once missed."""

import csv
import gzip
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate

REPORT_FEEDS = ("true_vision_reports", "community_reports")
COMMON_TEXTS = ("no", "the", "hate", "yes", "a", "it was hate", "No.", "n/a")
DAY = "2026-10-30"


@dataclass(frozen=True)
class TruePlace:
    """A row of a simulated file."""

    feed: str
    file_name: str
    row_number: int


def make_deliveries(plan: Plan, folder: Path, count: int) -> list[list[TruePlace]]:
    """Simulate into ``folder``; returns the rows that are about each of ``count`` persons, chosen by chance. Of every
    second one, all reports have short or common texts."""
    simulate(plan, folder)
    rows = _rows_of_persons(folder)
    chance = plan.chance("erased persons")
    names = sorted(rows)
    chosen = [rows[names[index]] for index in chance.permutation(len(names))[:count]]
    short = {place for places in chosen[::2] for place in places}
    for feed in REPORT_FEEDS:
        for file_name in {place.file_name for place in short if place.feed == feed}:
            numbers = {place.row_number for place in short if (place.feed, place.file_name) == (feed, file_name)}
            _shorten(folder / feed / file_name, numbers, chance)
    return chosen


def _rows_of_persons(folder: Path) -> Mapping[str, list[TruePlace]]:
    rows = defaultdict(list)
    with (folder / "truth" / "records.csv").open(encoding="utf-8", newline="") as truth:
        for row in csv.DictReader(truth):
            if row["victim_person_id"] and not row["expected_rule"]:
                place = TruePlace(row["feed"], row["file_name"], int(row["row_number"]))
                rows[row["victim_person_id"]].append(place)
    return {person: places for person, places in rows.items() if {place.feed for place in places} & set(REPORT_FEEDS)}


def _shorten(path: Path, numbers: Collection[int], chance: np.random.Generator) -> None:
    texts = {number: str(chance.choice(COMMON_TEXTS)) for number in sorted(numbers)}
    if path.suffix == ".jsonl":
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, text in texts.items():
            lines[number - 1] = json.dumps({**json.loads(lines[number - 1]), "description": text}, ensure_ascii=False)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))
    for number, text in texts.items():
        rows[number][rows[0].index("description")] = text
    path.write_text(as_csv(rows), encoding="utf-8", newline="")


def as_csv(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a sender writes them."""
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(rows)
    return target.getvalue()


VICTIM = {
    "victim_name": "Zoë Tamsin-Quill",
    "victim_date_of_birth": "1987-02-03",
    "victim_postcode": "ZE1 9ZQ",
    "victim_email": "zoe.quill87@example.org",
    "victim_phone": "06990 123456",
}
OTHER = {
    "victim_name": "Bo Nolan-Ark",
    "victim_date_of_birth": "1990-05-04",
    "victim_postcode": "ZE2 8ZN",
    "victim_email": "bo.nolan.ark@example.org",
    "victim_phone": "06990 654321",
}
MENTIONED = (
    "I saw it happen to Zoe Tamsin-Quill of ZE19ZQ, write to ZOE.QUILL87@example.org or ring 0044 (0)6990-123-456."
)
LOGGED = {
    "logs/ingest/attempt=1.log": b"row of zoe.quill87@example.org refused\nrow of bo.nolan.ark@example.org refused\n",
    "logs/ingest/attempt=2.log": b'{"event": "Zo\\u00eb Tamsin-Quill, ZE1 9ZQ"}\n{"event": "Bo Nolan-Ark, ZE2 8ZN"}\n',
    "logs/ingest/attempt=3.log.gz": gzip.compress(b"called +44 6990 123456\ncalled +44 6990 654321\n"),
    "logs/ingest/attempt=4.log": "ZOË TAMSIN-QUILL, ZE1 9ZQ\nBO NOLAN-ARK, ZE2 8ZN\n".encode(),
    "logs/ingest/attempt=5.log": "Zoë Tamsin-Quill, ze19zq\nBo Nolan-Ark, ze28zn\n".encode(),
    "logs/ingest/attempt=6.log": b"Zoe Tamsin-Quill, ZE1 9ZQ\nBo Nolan-Ark, ZE2 8ZN\n",
    "outbox/community_reports/wide.txt": "to zoe.quill87@example.org\nto bo.nolan.ark@example.org\n".encode("utf-16"),
    "outbox/community_reports/list.txt": "Tamsin-Quill, Zoë, ZE1 9ZQ\nNolan-Ark, Bo, ZE2 8ZN\n".encode(),
    "outbox/community_reports/born.txt": "Zoë Tamsin-Quill, 3.2.1987\nBo Nolan-Ark, 4.5.1990\n".encode(),
    "outbox/community_reports/letter.txt": "Zoë Tamsin-Quill, 3 February 1987\nBo Nolan-Ark, 4 May 1990\n".encode(),
}
"""Files of the hub, by their place in its home: in each, the first line is about the person and the second about the
other one."""
TELEPHONES = ("+44 (0)6990 123456", "0044 6990 123 456", "(06990) 123-456", "06990123456")
FILE_OF_A_PERSON = "letter of zoe.quill87@example.org, Tamsin-Quill Zoë, ZE1 9ZQ.jsonl"
"""A name that matches no pattern: the file is taken all the same."""


@dataclass(frozen=True)
class PlantedFile:
    """A file to deliver, and whether the hub is to refuse it."""

    feed: str
    name: str
    data: bytes
    is_refused: bool = False


def planted_files(portal_columns: Sequence[str]) -> Iterator[PlantedFile]:
    """The person, whose own text is ``no``: victim and reporter of one row, in JSON escapes, with the telephone in
    other forms, in another person's text, in a file's name, in quarantine, in rows that cannot be split, and in files
    that the hub refuses. Each file has another person's row too."""
    reporter = {f"reporter_{key}": VICTIM[f"victim_{key}"] for key in ("name", "email", "phone")}
    both = {**VICTIM, **reporter}
    rows = [{**both, "description": "no"}, {**OTHER, "description": "no"}, {**OTHER, "description": MENTIONED}]
    rows += [{"victim_phone": form, "description": "the"} for form in TELEPHONES]
    yield PlantedFile("community_reports", "community_reports_2026-10-29.jsonl", _json_lines(rows, 1, ascii_only=True))
    rows = [{**VICTIM, "description": "hate"}, {**OTHER, "description": "hate"}, {"description": "the"}]
    rows += [{**row, "victim_phone": "none given"} for row in rows]
    torn = b'{"victim_email": "zoe.quill87@example.org", \n{"victim_email": "bo.nolan.ark@example.org", \n'
    yield PlantedFile("community_reports", FILE_OF_A_PERSON, _json_lines(rows, 20, ascii_only=False) + torn)
    portal = _portal(portal_columns, [both, OTHER])
    yield PlantedFile("true_vision_reports", "utf16.csv", portal.encode("utf-16"), is_refused=True)
    yield PlantedFile("true_vision_reports", "packed.csv", _zipped(portal), is_refused=True)


def _community(number: int, said: Mapping[str, str]) -> dict[str, object]:
    return {
        "body_code": "tell_mama",
        "case_ref": f"TM-{90000000 + number}",
        "reported_at": f"{DAY}T10:00:00+00:00",
        "strands": ["religion"],
        **said,
        "consent_share_police": True,
        "consent_share_anonymised": True,
        "consent_refer_support": True,
        "consent_contact": True,
    }


def _json_lines(rows: Sequence[Mapping[str, str]], first: int, *, ascii_only: bool) -> bytes:
    reports = [_community(number, row) for number, row in enumerate(rows, first)]
    return "".join(json.dumps(report, ensure_ascii=ascii_only) + "\n" for report in reports).encode()


def _portal(columns: Sequence[str], persons: Sequence[Mapping[str, str]]) -> str:
    said = {
        "reported_at": f"{DAY}T10:00:00+00:00",
        "strands": "religion",
        "description": "no",
        "is_anonymous": "no",
        **{f"consent_{what}": "yes" for what in ("share_police", "share_anonymised", "refer_support", "contact")},
    }
    rows = [{**said, **person, "report_ref": f"TV-{90000000 + number}"} for number, person in enumerate(persons)]
    return as_csv([list(columns), *([row.get(name, "") for name in columns] for row in rows)])


def _zipped(text: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.csv", text.encode())
    return target.getvalue()
