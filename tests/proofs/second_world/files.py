"""Makes the world's deliveries: right records, spoiled ones among them, in files as untidy as their senders."""

import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import batched, cycle
from pathlib import Path
from random import Random

from proofs.contract_rows.reading import FeedContract
from proofs.second_world.answers import MAKERS
from proofs.second_world.cell_dirt import KINDS, CellDirt, spoil_cell
from proofs.second_world.lines import csv_line, json_line, xml_element
from proofs.second_world.reports import World
from proofs.second_world.row_dirt import LINES, MEANING
from proofs.second_world.sent import Record

SHARE_SPOILED = 0.11
"""Of a file's records: a file of which more than a fifth are wrong is held, and that is another test's matter."""
TRIES = 60

type Spoil = Callable[[Random, Record], Record | None]


@dataclass(frozen=True)
class Delivery:
    """A file and what it holds, record by record."""

    feed: str
    path: Path
    records: Sequence[Record]


def make_deliveries(
    rng: Random,
    contracts: Mapping[str, FeedContract],
    counts: Mapping[str, int],
    a_file: int,
    folder: Path,
    now: datetime,
) -> Iterator[Delivery]:
    """So many records a feed, in files of so many."""
    world = World(rng, now, sum(counts.values()))
    for feed, make in MAKERS.items():
        contract = contracts[feed]
        form = str(contract.form["formats"][0])
        headers = [field.header for field in contract.fields]
        made = [
            Record({name: cells.get(name) for name in headers}) for cells in (make(world) for _ in range(counts[feed]))
        ]
        in_order, in_any_order = _spoilers(rng, contract, LINES[form]), _spoilers(rng, contract, [])
        for number, batch in enumerate(batched(made, a_file)):
            # A line that a sender spoiled has its cells in the usual order.
            is_in_order = number % 3 != 1
            records = _spoiled(rng, contract, list(batch), in_order if is_in_order else in_any_order)
            order = headers if is_in_order else rng.sample(headers, len(headers))
            path = folder / feed / f"from-elsewhere-{number}.{form}"
            path.parent.mkdir(parents=True, exist_ok=True)
            text = _written(rng, contract, form, order, records)
            yield Delivery(feed, _packed(contract, path, text), records)


def key_of(contract: FeedContract) -> str:
    """The column whose values may not come twice in one file."""
    return next(field.name for field in contract.fields if field.unique)


def _spoilers(rng: Random, contract: FeedContract, of_lines: Sequence[Spoil]) -> Iterator[Spoil]:
    """All kinds of dirt that the feed can have, in turn."""
    key, names = key_of(contract), {field.name for field in contract.fields}
    kinds = [partial(_with_cell, key, kind) for kind in KINDS if names.intersection(kind.columns)]
    spoilers: list[Spoil] = [*kinds, *MEANING[contract.feed], *of_lines]
    return cycle(rng.sample(spoilers, len(spoilers)))


def _with_cell(key: str, kind: CellDirt, rng: Random, record: Record) -> Record | None:
    return spoil_cell(rng, record, key, kind)


def _spoiled(rng: Random, contract: FeedContract, records: list[Record], spoilers: Iterator[Spoil]) -> list[Record]:
    key = key_of(contract)
    places = rng.sample(range(len(records) - 1), int(SHARE_SPOILED * len(records)))
    for place in places:
        # Some kinds need a cell that this record has not; the next one is tried then.
        tried = (next(spoilers)(rng, records[place]) for _ in range(TRIES))
        records[place] = next(one for one in tried if one is not None)
    untouched = sorted(set(range(len(records) - 1)) - set(places))
    again = rng.sample(untouched, max(1, len(records) // 40))
    records += [_again(records[place], key) for place in again]
    # What was sent again must stay as it was.
    free = (place for place in untouched if place not in again)
    swapped = next((place for place in free if _is_past_the_twelfth(records[place])), None)
    if swapped is not None:
        day = str(records[swapped].cells["occurred_on"])
        wrong = f"{day[:5]}{day[8:]}-{day[5:7]}"
        records[swapped] = records[swapped].changed(
            "day and month exchanged", frozenset({"occurred_on.type"}), occurred_on=wrong
        )
    if "description" in records[0].cells:
        other = replace(records[untouched[-1]], kind="a key with two stories", may_break=frozenset({f"{key}.unique"}))
        records.append(other.changed(other.kind, other.may_break, description="Another [slur] altogether."))
    return records


def _again(record: Record, key: str) -> Record:
    return replace(record, kind="sent twice", is_repeated=True, may_break=frozenset({f"{key}.unique"}))


def _is_past_the_twelfth(record: Record) -> bool:
    day = record.cells.get("occurred_on")
    return isinstance(day, str) and int(day[8:]) > 12


def _written(rng: Random, contract: FeedContract, form: str, order: Sequence[str], records: list[Record]) -> bytes:
    match form:
        case "xml":
            rows = b"".join(xml_element(contract.form["rowPath"], record.cells) for record in records)
            return b'<?xml version="1.0"?>\n<answers count="%d">\n%s</answers>\n' % (len(records), rows)
        case "jsonl":
            lines = [record.line or json_line(record.cells) for record in records]
        case _:
            lines = [csv_line(order)]
            lines += [record.line or csv_line(record.cells[name] for name in order) for record in records]
    if rng.random() < 0.5:
        # The connection broke off in the last line.
        lines[-1] = lines[-1][: len(lines[-1]) // 2]
        cut = frozenset({"row.cells", "row.quoting", "row.json"})
        records[-1] = replace(records[-1], kind="broken off", may_break=cut, is_repeated=False)
    mark = b"\xef\xbb\xbf" if rng.random() < 0.3 else b""
    return mark + _with_ends(rng, lines)


def _with_ends(rng: Random, lines: Sequence[bytes]) -> bytes:
    """Ends of lines as Unix or Windows writes them, or both in one file."""
    windows = rng.choice((0.0, 1.0, 0.5))
    ended = (line[:-1] + b"\r\n" if line[-1:] == b"\n" and rng.random() < windows else line for line in lines)
    return b"".join(ended)


def _packed(contract: FeedContract, path: Path, text: bytes) -> Path:
    if contract.form.get("compression") != "zip":
        path.write_bytes(text)
        return path
    packed = path.with_name(f"{path.name}.zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(path.name, text)
    return packed
