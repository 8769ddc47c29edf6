"""Corrections of simulated records, in the form in which a sender would send them: the simulation corrects few.

They come in other files, with the changed rows alone. What was corrected, and what was not, must be told by the second
computation as by the warehouse: some corrections bear an earlier time than what they correct, some records return to
an earlier text, and some files come too late to correct all of their rows.
"""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from recomputed.inputs import Row

CHANGED_AT = "2026-10-30T09:00:00+00:00"
"""Later than anything that is simulated for the short plan."""
EARLIER = "2026-10-29T09:00:00+00:00"
TIME = re.compile(r"\d{4}-\d\d-\d\dT")


def _work(row: Row) -> Row:
    """Hours are set right, and a triage turns out to be about no crime."""
    decision = "nchi" if row["activity"] == "triage" else row["decision"]
    return {**row, "hours": "1.25", "decision": decision, "changed_at": CHANGED_AT}


def _other_work(row: Row) -> Row:
    """Longer hours, and every triage is about a crime."""
    decision = "crime" if row["activity"] == "triage" else row["decision"]
    return {**row, "hours": "2.5", "decision": decision, "changed_at": EARLIER}


def _answer(row: Row) -> Row:
    """Who gave the lowest answers had not wanted to answer; all others are one better."""
    better = {"1": "refused", "2": "dont_know", "3": "4", "4": "5"}.get(row["answer"], row["answer"])
    return {**row, "answer": better, "changed_at": CHANGED_AT}


def _other_answer(row: Row) -> Row:
    """All answers are the middle one."""
    return {**row, "answer": "3", "changed_at": EARLIER}


def _support(row: Row) -> Row:
    """It was a refusal, and was written down a day later."""
    later = datetime.fromisoformat(row["recorded_at"]) + timedelta(days=1)
    return {**row, "kind": "declined", "closing_reason": "", "recorded_at": later.isoformat()}


def _session(row: Row) -> Row:
    """Nobody completed it."""
    return {**row, "count_completed": "0", "hours": "0.5", "changed_at": CHANGED_AT}


def _report(row: Row) -> Row:
    """It was made two hours earlier, against another strand, and names another platform if it named one."""
    earlier = datetime.fromisoformat(row["reported_at"]) - timedelta(hours=2)
    platform = "tiktok" if row["platform"] else ""
    return {**row, "reported_at": earlier.isoformat(), "platform": platform, "strands": "disability"}


def _as_it_was(row: Row) -> Row:
    """The text that was delivered first."""
    return row


@dataclass(frozen=True)
class Correction:
    """A file of corrected rows: ``every`` so many rows, of which one is corrected. ``named_as`` is the place of the
    simulated file, among those of the feed, whose name it bears; without it a person named the file."""

    correct: Callable[[Row], Row]
    every: int = 5
    named_as: int | None = -1


CORRECTIONS = {
    # The third is the same file as the first.
    "hub_activity": (Correction(_work), Correction(_other_work), Correction(_work)),
    "true_vision_reports": (Correction(_report), Correction(_as_it_was, every=10)),
    "training_sessions": (Correction(_session, every=2), Correction(_as_it_was, every=4, named_as=None)),
    # The second comes last, but under the name of the first simulated file: what later files say counts.
    "victim_support_events": (Correction(_support), Correction(_as_it_was, every=10, named_as=0)),
    "victim_surveys": (Correction(_answer), Correction(_other_answer, every=10)),
    "volunteer_reports": (Correction(_report), Correction(_as_it_was, every=10)),
}
"""By feed, in the order in which they come."""
MISTAKE = "training_sessions", Correction(_session, every=1, named_as=None)
"""A delivery that the sender takes back: half of its rows say what was said before."""


def write_corrections(simulated: Path, folder: Path) -> list[Path]:
    """The files of all corrections, in the order in which they come."""
    return [
        write_correction(simulated, folder / str(number), feed, correction)
        for feed, corrections in CORRECTIONS.items()
        for number, correction in enumerate(corrections)
    ]


def write_correction(simulated: Path, folder: Path, feed: str, correction: Correction) -> Path:
    """One file, in a folder that is named for its feed."""
    paths = sorted((simulated / feed).iterdir())
    rows = [row for path in paths for row in _whole_rows(path)]
    name = "put in by hand.csv" if correction.named_as is None else paths[correction.named_as].name
    target = folder / feed / name
    target.parent.mkdir(parents=True)
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(correction.correct(row) for row in rows[:: correction.every])
    return target


def _whole_rows(path: Path) -> list[Row]:
    """The rows of a file but for those with too many or too few cells, or a time of another form."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    whole = [row for row in rows if None not in row and None not in row.values()]
    times = ("recorded_at", "reported_at")
    return [row for row in whole if all(TIME.match(row[name]) for name in times if name in row)]
