"""The latest version of each record: a later row with the same key corrects the earlier one.

Which of two versions is later is told by the sender's own times, never by when a file came; of two with the same
times the one with the greater hash counts, so that it is the same one in every hub.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pandas as pd

from recomputed.inputs import Row, rows_of
from recomputed.values import NEVER, instant, start_of_day

type Order = tuple[Any, ...]


def _changed(row: Row) -> datetime:
    return instant(row["changed_at"]) if row["changed_at"] else NEVER


def _day(text: str | None) -> datetime:
    return start_of_day(date.fromisoformat(text)) if text else NEVER


def _of_crime(row: Row) -> Order:
    """A crime's latest word is its change, its outcome or its recording, whichever is last."""
    changed, outcome = _changed(row), _day(row["outcome_on"])
    return max(changed, outcome, instant(row["recorded_at"])), changed, outcome


VERSIONS: dict[str, tuple[tuple[str, ...], Callable[[Row], Order]]] = {
    "community_reports": (("body_code", "case_ref"), lambda row: (instant(row["reported_at"]),)),
    "force_responses": (("response_ref",), lambda row: (instant(row["happened_at"]),)),
    "hub_activity": (("activity_ref",), lambda row: (_changed(row), instant(row["started_at"]))),
    "police_hate_crimes": (("force_code", "crime_reference"), _of_crime),
    "programme_spend": (("line_ref",), lambda row: (_changed(row), _day(row["claimed_on"]))),
    "provider_responses": (("response_ref",), lambda row: (instant(row["happened_at"]),)),
    "training_sessions": (("session_ref",), lambda row: (_changed(row), _day(row["held_on"]))),
    "true_vision_reports": (("report_ref",), lambda row: (instant(row["reported_at"]),)),
    "victim_support_events": (("event_ref",), lambda row: (instant(row["recorded_at"]),)),
    "victim_surveys": (("answer_ref",), lambda row: (_changed(row), _day(row["answered_on"]))),
    "volunteer_reports": (("report_ref",), lambda row: (instant(row["reported_at"]),)),
}


def latest(raw: dict[str, pd.DataFrame], feed: str) -> list[Row]:
    """The latest version of each record of a feed."""
    key, order = VERSIONS[feed]
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows_of(raw[feed]):
        name = tuple(row[column] for column in key)
        if name not in found or (*order(found[name]), found[name]["hash"]) < (*order(row), row["hash"]):
            found[name] = row
    return list(found.values())
