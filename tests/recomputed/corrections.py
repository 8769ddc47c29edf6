"""Corrections of simulated records, in the form in which a sender would send them: the simulation corrects few.

They come in another file, with the changed rows alone. What was corrected, and what was not, must be told by the second
computation as by the warehouse.
"""

import csv
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from recomputed.inputs import Row

CHANGED_AT = "2026-10-30T09:00:00+00:00"
"""Later than anything that is simulated for the short plan."""


def _work(row: Row) -> Row:
    """Hours are set right, and a triage turns out to be about no crime."""
    decision = "nchi" if row["activity"] == "triage" else row["decision"]
    return {**row, "hours": "1.25", "decision": decision, "changed_at": CHANGED_AT}


def _answer(row: Row) -> Row:
    """Who gave the lowest answers had not wanted to answer; all others are one better."""
    better = {"1": "refused", "2": "dont_know", "3": "4", "4": "5"}.get(row["answer"], row["answer"])
    return {**row, "answer": better, "changed_at": CHANGED_AT}


def _support(row: Row) -> Row:
    """It was a refusal, and was written down a day later."""
    later = datetime.fromisoformat(row["recorded_at"]) + timedelta(days=1)
    return {**row, "kind": "declined", "closing_reason": "", "recorded_at": later.isoformat()}


def _session(row: Row) -> Row:
    """Nobody completed it."""
    return {**row, "count_completed": "0", "hours": "0.5", "changed_at": CHANGED_AT}


CORRECTIONS: dict[str, Callable[[Row], Row]] = {
    "hub_activity": _work,
    "victim_surveys": _answer,
    "victim_support_events": _support,
    "training_sessions": _session,
}
EVERY = 5
"""So many rows, of which one is corrected."""


def write_corrections(simulated: Path, folder: Path) -> list[Path]:
    """A file for each of these feeds, under the name of the last one that is simulated."""
    written = []
    for feed, correct in CORRECTIONS.items():
        (folder / feed).mkdir(parents=True)
        paths = sorted((simulated / feed).iterdir())
        rows = [row for path in paths for row in _whole_rows(path)]
        target = folder / feed / paths[-1].name
        with target.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(correct(row) for row in rows[::EVERY])
        written.append(target)
    return written


def _whole_rows(path: Path) -> list[Row]:
    """The rows of a file but for those with too many or too few cells, or a time of another form."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    whole = [row for row in rows if None not in row and None not in row.values()]
    return [row for row in whole if "recorded_at" not in row or re.match(r"\d{4}-\d\d-\d\dT", row["recorded_at"])]
