"""What goes wrong in whole rows: answers that contradict each other, shifted cells, lines that are broken or none."""

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random

from proofs.second_world.lines import csv_line, json_line
from proofs.second_world.sent import Record

type Spoiler = Callable[[Random, Record], Record | None]


def _ahead(record: Record, column: str, days: int) -> str:
    """The column's own time, so many days later."""
    text = str(record.cells[column])
    return (date.fromisoformat(text[:10]) + timedelta(days=days)).isoformat() + text[10:]


def _happens_after_its_report(_: Random, record: Record) -> Record | None:
    told = next(name for name in ("reported_at", "recorded_at") if name in record.cells)
    if not record.cells["occurred_on"]:
        return None
    after = _ahead(record, told, 2)[:10]
    # It may have gone on to a day that is now before its first.
    rules = frozenset({"occurred_on.before_report", "occurred_on.before_recording", "occurred_to_on.in_order"})
    return record.changed("it happens after its report", rules, occurred_on=after)


def _years_ahead(rng: Random, record: Record) -> Record | None:
    column = rng.choice([name for name in ("reported_at", "recorded_at", "happened_at") if name in record.cells])
    wrong = _ahead(record, column, rng.choice((366 * 5, 365 * 36, 365 * 174)))
    return record.changed(
        f"a year that is mistyped ({column})", frozenset({f"{column}.future", f"{column}.range"}), **{column: wrong}
    )


def _born_tomorrow(rng: Random, record: Record) -> Record | None:
    if not record.cells["victim_date_of_birth"]:
        return None
    wrong = f"{rng.choice((2046, 2098))}{str(record.cells['victim_date_of_birth'])[4:8]}01"
    rules = frozenset({"victim_date_of_birth.future", "victim_date_of_birth.range", "victim_date_of_birth.not_future"})
    return record.changed("a birth to come", rules, victim_date_of_birth=wrong)


def _anonymous_with_a_name(_: Random, record: Record) -> Record | None:
    if not record.cells["reporter_name"]:
        return None
    rules = frozenset(
        f"{name}.anonymous" for name in ("reporter_name", "reporter_email", "reporter_phone", "consent_contact")
    )
    return record.changed("anonymous, with a name", rules, is_anonymous="yes")


def _offline_on_a_platform(rng: Random, record: Record) -> Record | None:
    platform = rng.choice(("facebook", "tiktok", "other"))
    return record.changed("offline, on a platform", frozenset({"platform.online"}), is_online="no", platform=platform)


def _ends_before_it_began(_: Random, record: Record) -> Record | None:
    if not record.cells["occurred_on"]:
        return None
    wrong = _ahead(record, "occurred_on", -3)
    return record.changed("it ends before it began", frozenset({"occurred_to_on.in_order"}), occurred_to_on=wrong)


def _outcome_without_a_day(_: Random, record: Record) -> Record:
    return record.changed(
        "an outcome without a day", frozenset({"outcome_on.given"}), outcome_code="14", outcome_on=None
    )


def _outcome_before_the_crime(_: Random, record: Record) -> Record:
    wrong = _ahead(record, "recorded_at", -9)[:10]
    return record.changed(
        "an outcome before the record", frozenset({"outcome_on.after_recording"}), outcome_code="14", outcome_on=wrong
    )


def _recorded_before_it_happened(_: Random, record: Record) -> Record:
    wrong = _ahead(record, "happened_at", -1)
    return record.changed("written down before", frozenset({"recorded_at.afterwards"}), recorded_at=wrong)


def _closed_without_a_reason(_: Random, record: Record) -> Record:
    rules = frozenset({"closing_reason.given"})
    return record.changed("closed without a reason", rules, kind="closed", closing_reason=None)


def _sent_back_without_a_reason(_: Random, record: Record) -> Record:
    rules = frozenset({"reason.given"})
    other: dict[str, object] = {"transferred_to_force_code": None, "outcome_code": None}
    return record.changed("sent back without a reason", rules, kind="returned", reason=None, **other)


def _passed_on_to_itself(_: Random, record: Record) -> Record:
    rules = frozenset({"transferred_to_force_code.elsewhere"})
    own: dict[str, object] = {"transferred_to_force_code": record.cells["force_code"], "outcome_code": None}
    return record.changed("passed on to itself", rules, kind="transferred", **own)


def _both_grounds(_: Random, record: Record) -> Record:
    rules = frozenset({"illegal_content_legal_ground.only_illegal", "incompatible_content_ground.only_incompatible"})
    given: dict[str, object] = {"illegal_content_legal_ground": "A law", "incompatible_content_ground": "A rule"}
    return record.changed("both grounds", rules, **given)


def _swapped(one: str, other: str, *rules: str) -> Spoiler:
    """Two columns of a sheet exchanged."""

    def swap(_: Random, record: Record) -> Record | None:
        if not record.cells[one] or not record.cells[other]:
            return None
        cells = {one: record.cells[other], other: record.cells[one]}
        return record.changed(f"{one} and {other} exchanged", frozenset(rules), **cells)

    return swap


MEANING: dict[str, Sequence[Spoiler]] = {
    "true_vision_reports": [
        _happens_after_its_report,
        _years_ahead,
        _born_tomorrow,
        _anonymous_with_a_name,
        _offline_on_a_platform,
        _swapped("reporter_name", "reporter_email", "reporter_email.format"),
        _swapped("reported_at", "occurred_on", "reported_at.type", "occurred_on.type"),
        _swapped("strands", "is_online", "strands.known", "is_online.known"),
    ],
    "community_reports": [
        _happens_after_its_report,
        _years_ahead,
        _born_tomorrow,
        _offline_on_a_platform,
        _swapped("victim_email", "victim_phone", "victim_email.format", "victim_phone.format"),
        _swapped("body_code", "case_ref", "body_code.known", "case_ref.pattern"),
    ],
    "volunteer_reports": [
        _happens_after_its_report,
        _years_ahead,
        _swapped("platform", "content_url", "platform.known", "content_url.pattern"),
        _swapped("volunteer_code", "report_ref", "volunteer_code.pattern", "report_ref.pattern"),
    ],
    "police_hate_crimes": [
        _happens_after_its_report,
        _years_ahead,
        _born_tomorrow,
        _offline_on_a_platform,
        _ends_before_it_began,
        _outcome_without_a_day,
        _outcome_before_the_crime,
        _swapped("offence_code", "outcome_code", "offence_code.known", "outcome_code.home_office", "outcome_on.given"),
    ],
    "force_responses": [_years_ahead, _sent_back_without_a_reason, _passed_on_to_itself],
    "provider_responses": [_years_ahead],
    "victim_support_events": [_years_ahead, _born_tomorrow, _recorded_before_it_happened, _closed_without_a_reason],
    "provider_statements": [_both_grounds],
}


def _cells_of(record: Record) -> list[str]:
    return ["" if value is None else str(value) for value in record.cells.values()]


def _tells(record: Record) -> bool:
    return any("[slur]" in cell for cell in _cells_of(record))


def _comma_in_words(_: Random, record: Record) -> Record:
    line = csv_line([*_cells_of(record)[:3], "and so on", *_cells_of(record)[3:]])
    return record.written_as("a cell too many", frozenset({"row.cells"}), line)


def _cell_lost(rng: Random, record: Record) -> Record:
    cells = _cells_of(record)
    del cells[rng.randrange(len(cells))]
    return record.written_as("a cell too few", frozenset({"row.cells"}), csv_line(cells))


def _total(rng: Random, record: Record) -> Record:
    line = csv_line([rng.choice(("Total", "TOTAL:", "Grand total")), str(rng.randrange(9_999))])
    return record.written_as("a line of totals", frozenset({"row.cells"}), line)


def _total_of_all_columns(_: Random, record: Record) -> Record:
    cells: dict[str, object] = dict.fromkeys(record.cells)
    cells[next(iter(cells))] = "Total: 431"
    return record.changed("a line of totals in all columns", frozenset({"*.required", "*.pattern", "*.given"}), **cells)


def _header_again(_: Random, record: Record) -> Record:
    cells: dict[str, object] = {name: name for name in record.cells}
    rules = frozenset({"*.pattern", "*.type", "*.known", "*.format", "*.recording", "*.home_office"})
    return record.changed("the header again", rules, **cells)


def _bytes_of_another_encoding(_: Random, record: Record) -> Record | None:
    if not _tells(record):
        return None
    line = csv_line([f"{cell} Zoë Siân" if "[slur]" in cell else cell for cell in _cells_of(record)])
    return record.written_as("bytes of Windows", frozenset({"row.encoding"}), line.decode().encode("cp1252", "replace"))


def _quote_in_a_quote(_: Random, record: Record) -> Record | None:
    if not _tells(record):
        return None
    cells = [f'"he said "{cell}" to me"' if "[slur]" in cell else f'"{cell}"' for cell in _cells_of(record)]
    return record.written_as("a quote in a quote", frozenset({"row.quoting"}), ",".join(cells).encode() + b"\n")


def _quote_never_closed(_: Random, record: Record) -> Record | None:
    if not _tells(record):
        return None
    cells = [b'"so it began' if "[slur]" in cell else csv_line([cell])[:-1] for cell in _cells_of(record)]
    return record.written_as("a quote that is never closed", frozenset({"row.quoting"}), b",".join(cells) + b"\n")


def _broken_json(rng: Random, record: Record) -> Record:
    line = json_line(record.cells).decode().rstrip("\n")
    spoiled = rng.choice(
        (line[:-1], line.replace('"', "'", 2), line[:-1] + ",}", line + ",", line + line, line[: len(line) // 2])
    )
    return record.written_as("broken JSON", frozenset({"row.json"}), f"{spoiled}\n".encode())


def _another_type(rng: Random, record: Record) -> Record:
    column = next(iter(record.cells))
    wrong: object = rng.choice((17, 4.5, {"text": "x"}, ["x"]))
    return record.changed("no text where text is due", frozenset({"row.not_text"}), **{column: wrong})


def _another_key(_: Random, record: Record) -> Record:
    return record.changed("a key of no column", frozenset({"row.unknown_key"}), gps="51.5,-0.1")


def _word_for_a_truth(rng: Random, record: Record) -> Record | None:
    column = next((name for name, value in record.cells.items() if isinstance(value, bool)), None)
    if column is None:
        return None
    wrong: object = rng.choice(("yes", "Y", 1, 0, "on", []))
    return record.changed("a word for a truth", frozenset({f"{column}.type", "row.not_text"}), **{column: wrong})


def _strands_otherwise(rng: Random, record: Record) -> Record | None:
    if "strands" not in record.cells:
        return None
    wrong: object = rng.choice(
        ("race|religion", "race", ["Race"], [], ["race", None], ["race", ["religion"]], {"race": True})
    )
    rules = frozenset({"strands.type", "strands.known", "strands.required"})
    return record.changed("strands otherwise", rules, strands=wrong)


def _list_in_lines(_: Random, record: Record) -> Record:
    """Odd, but JSON: blanks between, letters escaped."""
    line = json.dumps(record.cells, ensure_ascii=True, separators=(" , ", " : ")).encode() + b"  \r\n"
    return record.written_as("JSON with blanks", frozenset(), line)


LINES: dict[str, Sequence[Spoiler]] = {
    "csv": [
        _comma_in_words,
        _cell_lost,
        _total,
        _total_of_all_columns,
        _header_again,
        _bytes_of_another_encoding,
        _quote_in_a_quote,
        _quote_never_closed,
    ],
    "jsonl": [_broken_json, _another_type, _another_key, _word_for_a_truth, _strands_otherwise, _list_in_lines],
    "xml": [],
}
