"""A letter a month to each sender of a feed: what came, what was wrong with it by rule, and what to mend first.

Letters hold rules, reasons and counts, and never a value of a row. Each is a text to read and a CSV file of the same
rules, in ``outbox/<feed>/letters/``. A month's letter that is written again replaces the first.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.settings import Settings
from hub.store import outbox_files
from hub.store.workplace import put_bytes

COLUMNS = ("rule", "because", "rows", "rows_waiting", "share_of_rows_read", "deliveries", "rows_month_before")
FILES_NAMED = 3
RULES_NAMED = 20

DELIVERIES = """
    select sender, delivery_id, file_name, received_at, status, reason,
           rows_read, rows_accepted, rows_quarantined, rows_duplicate
    from ledger.deliveries
    where feed = :feed
      and cast(received_at at time zone 'Europe/London' as date) >= :first_day
      and cast(received_at at time zone 'Europe/London' as date) < :next_month
    order by file_name, received_at
"""
RULES = """
    select rows.rule, min(rows.because) as because, count(*) as count_rows,
           count(*) filter (where rows.state = 'open') as count_open,
           count(distinct rows.delivery_id) as count_deliveries
    from quarantine.rows as rows
    inner join ledger.deliveries as deliveries using (delivery_id)
    where deliveries.feed = :feed and coalesce(deliveries.sender, :own) = :sender
      and cast(deliveries.received_at at time zone 'Europe/London' as date) >= :first_day
      and cast(deliveries.received_at at time zone 'Europe/London' as date) < :next_month
    group by rows.rule
    order by count_rows desc, rows.rule
"""


@dataclass(frozen=True)
class Letter:
    """The files of one letter, by their names in the outbox."""

    sender: str
    text: str
    rules: str


@dataclass(frozen=True)
class _Month:
    """What a sender delivered in a month, and the rules that rows of it broke."""

    contract: Contract
    sender: str
    first_day: date
    deliveries: Sequence[sa.Row[Any]]
    rules: Sequence[sa.Row[Any]]
    before: Mapping[str, int]

    def count(self, column: str) -> int:
        return sum(getattr(one, column) for one in self.deliveries)

    def of_status(self, *statuses: str) -> list[sa.Row[Any]]:
        return [one for one in self.deliveries if one.status in statuses]


def write_letters(settings: Settings, connection: sa.Connection, contract: Contract, month: date) -> list[Letter]:
    """Write the letters of a feed for the month that ``month`` lies in: one for each sender who delivered in it."""
    return [_write(settings, one) for one in _months(connection, contract, month.replace(day=1))]


def month_before(day: date) -> date:
    """The first day of the month before that of ``day``."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _months(connection: sa.Connection, contract: Contract, first_day: date) -> Iterator[_Month]:
    span = _span(contract, first_day)
    rows = connection.execute(sa.text(DELIVERIES), span).all()
    own = contract.sender or "unknown"  # a delivery of before the contract says nobody
    for sender in sorted({one.sender or own for one in rows}):
        of_sender = {"sender": sender, "own": own}
        earlier = _span(contract, month_before(first_day)) | of_sender
        rules = connection.execute(sa.text(RULES), span | of_sender).all()
        before = {one.rule: one.count_rows for one in connection.execute(sa.text(RULES), earlier)}
        deliveries = [one for one in rows if (one.sender or own) == sender]
        yield _Month(contract, sender, first_day, deliveries, rules, before)


def _span(contract: Contract, first_day: date) -> dict[str, Any]:
    next_month = (first_day + timedelta(days=31)).replace(day=1)
    return {"feed": contract.feed, "first_day": first_day, "next_month": next_month}


def _write(settings: Settings, month: _Month) -> Letter:
    store, name = outbox_files(settings), f"{month.first_day:%Y-%m}_{_file_name_of(month.sender)}"
    folder = letters_folder(month.contract.feed)
    letter = Letter(month.sender, f"{folder}/{name}.txt", f"{folder}/{name}.csv")
    for place, content in ((letter.text, _text(month)), (letter.rules, _table(month))):
        put_bytes(store, place, content.encode())
    return letter


def letters_folder(feed: str) -> str:
    """Where a feed's letters lie in the outbox."""
    return f"{feed}/letters"


def _file_name_of(sender: str) -> str:
    """A sender's name as part of a file's: two that differ only in other characters stay apart."""
    plain = re.sub(r"[^a-z0-9]+", "-", sender.lower()).strip("-")
    return plain if plain == sender else f"{plain or 'sender'}-{hashlib.sha256(sender.encode()).hexdigest()[:8]}"


def _table(month: _Month) -> str:
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    rows_read = month.count("rows_read")
    for one in month.rules:
        share = round(one.count_rows / rows_read, 4) if rows_read else ""
        counts = (one.count_rows, one.count_open, share, one.count_deliveries, month.before.get(one.rule, 0))
        writer.writerow((one.rule, one.because, *counts))
    return target.getvalue()


def _text(month: _Month) -> str:
    title = f"What you delivered in {month.first_day:%B %Y}: {month.contract.title}"
    parts = [f"{title}\n{'=' * len(title)}\n\nTo: {month.sender}\n", _arrived(month), _wrong(month), _mend_first(month)]
    return "\n".join(parts)


def _arrived(month: _Month) -> str:
    rows_read, accepted = month.count("rows_read"), month.count("rows_accepted")
    lines = [
        f"{_files(len(month.deliveries))} came: {_by_status(month)}.",
        f"Of {rows_read:,} rows, {accepted:,} were accepted, {month.count('rows_duplicate'):,} were known already, and "
        f"{month.count('rows_quarantined'):,} wait in quarantine or were rejected.",
    ]
    for one in month.of_status("refused", "held"):
        lines.append(f"- {one.file_name} was {one.status}: {one.reason}")
    return "\n".join(lines) + "\n"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _by_status(month: _Month) -> str:
    statuses = sorted({one.status for one in month.deliveries})
    return ", ".join(f"{len(month.of_status(one))} {one}" for one in statuses)


def _wrong(month: _Month) -> str:
    if not month.rules:
        return "No row was wrong.\n"
    lines = ["What was wrong, the most frequent first:", ""]
    for one in month.rules[:RULES_NAMED]:
        was = month.before.get(one.rule, 0)
        lines.append(
            f"- {one.rule}: {_rows(one.count_rows)} ({was:,} the month before), {one.count_open:,} still waiting"
        )
        lines.append(f"  {one.because}")
    if len(month.rules) > RULES_NAMED:
        lines.append(f"and {len(month.rules) - RULES_NAMED} rules more, which the CSV file beside this letter has.")
    return "\n".join(lines) + "\n"


def _mend_first(month: _Month) -> str:
    loaded = month.of_status("loaded", "superseded")
    missing = [
        one.file_name
        for one in month.of_status("refused", "held")
        if not any(made.file_name == one.file_name and made.received_at > one.received_at for made in loaded)
    ]
    if missing:
        more = f" and {len(missing) - FILES_NAMED} more" if len(missing) > FILES_NAMED else ""
        names = ", ".join(missing[:FILES_NAMED]) + more
        return f"Mend first: deliver again, corrected, what was refused or held ({names}). None of it is loaded.\n"
    if not month.rules:
        return "There is nothing to mend.\n"
    first = month.rules[0]
    return (
        f"Mend first: {first.rule}. It alone kept {_rows(first.count_rows)} out, in {_files(first.count_deliveries)}.\n"
        "The error file of each delivery names the rows. `hub feed check` and the sandbox folder say beforehand how a "
        "file would be answered.\n"
    )
