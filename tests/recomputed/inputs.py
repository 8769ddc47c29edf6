"""What the second computation starts from.

Recomputed is all that follows from the rows that senders delivered (schema ``raw``) and from the reference lists (dbt
seeds). Taken as given are:

- linkage, because it weighs evidence: which reports are one incident and who their victims are (``marts.fct_reports``);
  which person a mention names, and in which postcode district they live; which authorities a text names (schema
  ``linkage``);
- the ledger: which deliveries are loaded, when they came, which records each states again, with how many rows in
  quarantine, and which known issues were opened.

``marts.fct_allocations`` is read, too, but only to be compared: who is given an incident is worked out again.
"""

import math
import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

type Row = dict[str, Any]

FEEDS = (
    "community_reports",
    "force_responses",
    "hub_activity",
    "police_hate_crimes",
    "programme_spend",
    "provider_responses",
    "training_sessions",
    "true_vision_reports",
    "victim_support_events",
    "victim_surveys",
    "volunteer_reports",
)
GIVEN_OF_REPORTS = ["feed", "hash", "report_id", "incident_id", "victim_person_id"]
COLUMNS_OF_ALLOCATIONS = [
    "incident_id",
    "duty",
    "target_kind",
    "target_code",
    "route",
    "rule_id",
    "rule_version",
    "sequence_number",
    "allocated_at",
]
PLACED = ["delivery_id", "row_number", "hash"]
"""The place of a row, and the record that is stated there."""
SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"


@dataclass(frozen=True)
class Inputs:
    """All that is given, as frames; values of raw tables and seeds are text, as they were delivered or written."""

    raw: dict[str, pd.DataFrame]
    """A frame a feed; ``hash`` identifies the text of a record, which has one row however often it is stated."""
    restated: pd.DataFrame
    """Columns delivery_id, row_number, hash: where a delivery states a record that raw already had."""
    deliveries: pd.DataFrame
    """All receipts, whatever became of them."""
    reports: pd.DataFrame
    allocations: pd.DataFrame
    """What the warehouse says of allocations, to be compared."""
    mentions: pd.DataFrame
    """Columns feed, hash, role, person_id, postcode_district."""
    text_places: pd.DataFrame
    """Columns report_id, lad_code."""
    known_issues: pd.DataFrame
    as_of: datetime
    """When the latest delivery was loaded: what is due after it is not due yet."""

    @property
    def loaded(self) -> pd.DataFrame:
        """Deliveries whose rows count."""
        return self.deliveries[self.deliveries.status == "loaded"]

    def seed(self, name: str) -> list[Row]:
        """A reference list; what is empty is None."""
        return read_seed(name)


@cache
def read_seed(name: str) -> list[Row]:
    """A reference list, read once."""
    return rows_of(empty_as_none(pd.read_csv(SEEDS / f"{name}.csv", dtype=str, keep_default_na=False)))


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """The rows of a frame, each by the names of its columns."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def empty_as_none(frame: pd.DataFrame) -> pd.DataFrame:
    """The same frame of plain objects, with None for each empty cell and ids as text."""
    columns = {name: pd.Series([_plain(value) for value in column], dtype=object) for name, column in frame.items()}
    return pd.DataFrame(columns)


def _plain(value: object) -> object:
    if value is None or value is pd.NaT or value == "" or (isinstance(value, float) and math.isnan(value)):
        return None
    return str(value) if isinstance(value, uuid.UUID) else value


def read_table(connection: sa.Connection, name: str) -> pd.DataFrame:
    """A whole table or view."""
    return empty_as_none(pd.read_sql(sa.text(f"select * from {name}"), connection, coerce_float=False))


def read_inputs(engine: sa.Engine) -> Inputs:
    """Read what is given of a hub that has been built and published."""
    with engine.connect() as connection:
        deliveries = read_table(connection, "ledger.deliveries")
        raw = {feed: _named_alike(read_table(connection, f"raw.{feed}")) for feed in FEEDS}
        restated = _named_alike(read_table(connection, "ledger.restated_records"))
        # A row that is named by its place is the record that is stated there.
        records = pd.concat([frame[PLACED] for frame in (*raw.values(), restated)])
        reports = read_table(connection, "marts.fct_reports").merge(records, on=PLACED[:2], how="left")
        mentions = read_table(connection, "linkage.mention_identities").merge(records, on=PLACED[:2], how="left")
        for name in ("mention_persons", "mention_areas"):
            found = read_table(connection, f"linkage.{name}").drop(columns="changed_at")
            mentions = mentions.merge(found, on="mention_id", how="left")
        return Inputs(
            raw=raw,
            restated=restated,
            deliveries=deliveries,
            reports=reports[GIVEN_OF_REPORTS],
            allocations=read_table(connection, "marts.fct_allocations")[COLUMNS_OF_ALLOCATIONS],
            mentions=mentions[["feed", "hash", "role", "person_id", "postcode_district"]],
            text_places=read_table(connection, "linkage.report_text_places"),
            known_issues=read_table(connection, "ledger.known_issue_events"),
            as_of=max(deliveries.loaded_at[deliveries.status == "loaded"]),
        )


def _named_alike(rows: pd.DataFrame) -> pd.DataFrame:
    names = {"_delivery_id": "delivery_id", "_row_number": "row_number", "_record_hash": "hash", "record_hash": "hash"}
    return rows.rename(columns=names)
