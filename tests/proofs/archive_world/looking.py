"""A hub compared with what its history says that it must hold: tables, files, and what is read back."""

import random
from collections import Counter
from typing import Any

from proofs.archive_world.archived_hub import ArchivedHub, by_delivery
from proofs.archive_world.model import Model, Sent, codes_in
from proofs.archive_world.shelf import as_row
from proofs.archive_world.statements import DAYS, SENDERS, Row, cell

SUMMED = (
    *("decision_monetary", "decision_provision", "decision_account", "automated_decision", "automated_detection"),
    *("category", "platform_name"),
)
LINEAGE = "_delivery_id", "_row_number"


def tables_are_as_worked_out(hub: ArchivedHub, model: Model) -> None:
    """Every row of every delivery is in raw, archive, quarantine or a duplicate, and in one of them alone."""
    raw = by_delivery(hub.ask("select _delivery_id as delivery_id, _row_number as number from raw.provider_statements"))
    archived = by_delivery(
        hub.ask(
            "select sums.delivery_id, records.row_number as number, records.record_hash"
            " from ledger.archived_records as records left join ledger.archive_sums as sums using (sum_id)"
        )
    )
    hashes = [row["record_hash"] for rows in archived.values() for row in rows]
    assert len(set(hashes)) == len(hashes), "a record is in the archive twice"
    again = by_delivery(hub.ask("select delivery_id, row_number as number from ledger.restated_records"))
    aside = by_delivery(hub.ask("select delivery_id, row_number as number, rule, state from quarantine.rows"))
    sums = by_delivery(hub.ask("select delivery_id, summed_by, count_rows from ledger.archive_sums"))
    known = {hub.ids[name] for name in model.sent}
    for table in (raw, archived, again, aside, sums):
        assert table.keys() <= known, "rows of no delivery"
    ledger = {row["delivery_id"]: row for row in hub.ask("select * from ledger.deliveries")}
    for name, one in model.sent.items():
        key = hub.ids[name]
        of_archive, of_raw = (model.rows_of(name, archived=one) for one in (True, False))
        assert _numbers(raw.get(key, [])) == list(of_raw), f"{name}: raw"
        assert _numbers(archived.get(key, [])) == list(of_archive), f"{name}: archive"
        assert _numbers(again.get(key, [])) == sorted(model.repeated_in(name)), f"{name}: duplicates"
        waiting = {row["number"]: row["rule"] for row in aside.get(key, []) if row["state"] in ("open", "rejected")}
        assert waiting == one.quarantined, f"{name}: quarantine"
        assert _summed(sums.get(key, [])) == Counter(_sum_of(row) for row in of_archive.values()), f"{name}: sums"
        _counts_add_up(ledger[key], model, one)


def _numbers(rows: list[Any]) -> list[int]:
    return sorted(row["number"] for row in rows)


def _counts_add_up(found: Any, model: Model, one: Sent) -> None:
    assert found["status"] == one.status, f"{one.name} is {found['status']}: {found['reason']}"
    if one.status != "loaded":
        return
    accepted = sum(len(model.rows_of(one.name, archived=where)) for where in (True, False))
    parts = accepted, len(one.quarantined), len(model.repeated_in(one.name))
    counts = found["rows_accepted"], found["rows_quarantined"], found["rows_duplicate"]
    assert counts == parts, f"{one.name}: {counts}, not {parts}"
    assert found["rows_read"] == sum(parts) == len(one.rows), one.name


def _sum_of(row: Row) -> tuple[Any, ...]:
    seen = tuple(sorted(codes_in(cell(row, "decision_visibility"))))
    return (*(cell(row, name) for name in SUMMED), seen, cell(row, "created_at")[:10])


def _summed(sums: list[Any]) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for one in sums:
        by = one["summed_by"]
        assert set(by) <= {*SUMMED, "decision_visibility", "created_at"}, by
        seen = tuple(sorted(codes_in(by.get("decision_visibility") or "")))
        found[(*(by.get(name) or "" for name in SUMMED), seen, by["created_at"])] += one["count_rows"]
    return found


def files_are_as_worked_out(hub: ArchivedHub, model: Model, *, is_swept: bool) -> None:
    """Every listed file is there, encrypted, and holds the archived rows whole; after a sweep there is no other."""
    listed = hub.ask("select * from ledger.archive_files")
    names = {row["name"] for row in listed}
    there = hub.shelf.names()
    assert names <= there, f"listed and lost: {names - there}"
    if is_swept:
        assert there == names, f"left over: {there - names}"
        assert hub.shelf.unfinished() == [], "a sweep left unfinished files"
    by_id = {hub.ids[name]: name for name in model.sent}
    found: Counter[tuple[str, int, Row]] = Counter()
    for one in listed:
        rows = hub.shelf.rows(one["name"], hub.scratch)
        assert len(rows) == one["count_rows"]
        values = [as_row(row) for row in rows]
        places = {(cell(row, "platform_name"), cell(row, "created_at")[:10]) for row in values}
        assert places == {(one["sender"], str(one["on_day"]))}, one["name"]
        of = by_id[one["delivery_id"]]
        found.update((of, row["_row_number"], value) for row, value in zip(rows, values, strict=True))
    assert found == Counter(_archived(model)), "the files hold other rows"


def _archived(model: Model) -> list[tuple[str, int, Row]]:
    return [(owned.sent, owned.number, row) for row, owned in model.kept.items() if owned.is_archived]


def archive_is_read_back(hub: ArchivedHub, model: Model, rng: random.Random) -> None:
    """``hub archive read`` gives all archived rows, or those of a day or a sender."""
    expected = _archived(model)
    by_id = {str(hub.ids[name]): name for name in model.sent}
    day, sender = rng.choice(DAYS), rng.choice(tuple(SENDERS))
    of_day = [one for one in expected if cell(one[2], "created_at").startswith(day)]
    of_sender = [one for one in expected if cell(one[2], "platform_name") == sender]
    ways: list[tuple[tuple[str, ...], list[tuple[str, int, Row]]]] = [((), expected), ((), expected)]
    options, wanted = rng.choice([*ways, (("--day", day), of_day), (("--sender", sender), of_sender)])
    rows = hub.read(*options, is_empty=not wanted)
    got = [(by_id[str(row[LINEAGE[0]])], row[LINEAGE[1]], as_row(row)) for row in rows]
    assert Counter(got) == Counter(wanted), f"read with {options}"


def analysts_see_each_statement_once(hub: ArchivedHub, model: Model, *, full_refresh: bool = False) -> None:
    """After a build the sums that analysts see are those of the history."""
    found, expected = hub.figures(full_refresh=full_refresh), model.figures()
    assert found == expected, f"too many: {found - expected}; too few: {expected - found}"
