"""Corrections that somebody asks for in Airflow: what may be asked, and what the person who decides reads of it.

What is typed into a run stays in Airflow's database, so no personal value and no free text is taken here.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from hub.contracts.corrections import refusal_of
from hub.contracts.model import Catalogue
from hub.ingest.release import DecisionRefused, check_correction
from hub.settings import Settings
from hub.warehouse.tables import MASKED_ROWS

type Corrections = Mapping[str, Mapping[str, str | None]]
"""By the id of a quarantined row the new values of its columns; None or blank takes a value out."""


def describe_corrections(
    settings: Settings,
    engine: sa.Engine,
    catalogue: Catalogue,
    rows: Sequence[sa.Row[Any]],
    corrections: Corrections,
    asked_by: str,
) -> str:
    """What is to change in which row, the value before by its form alone, as Markdown. Raises DecisionRefused for a
    correction that may not be asked for, or after which the row would still break a rule."""
    by_id = {str(row.quarantine_id): row for row in rows}
    if strange := sorted(corrections.keys() - by_id.keys()):
        raise DecisionRefused(f"a correction is of a row that is not asked about: {', '.join(strange)}")
    lines = []
    for one, correction in corrections.items():
        row = by_id[one]
        contract = catalogue.contracts.get(row.feed)
        refusal = "it has no contract that holds" if contract is None else refusal_of(contract, correction)
        if refusal is not None:
            raise DecisionRefused(f"row {row.row_number} of {row.feed}: {refusal}")
        try:
            check_correction(settings, engine, catalogue, row.quarantine_id, asked_by, correction)
        except (DecisionRefused, LookupError) as problem:
            raise DecisionRefused(f"row {row.row_number} of {row.feed}: {problem}") from problem
        before = _masked_values(engine, row.quarantine_id)
        lines += [
            f"| {row.row_number} | {name} | {_code(before.get(name))} | {_code(value)} |"
            for name, value in correction.items()
        ]
    heading = "**Corrections** (of the value before, its form alone)\n\n| row | column | from | to |\n|---|---|---|---|"
    return "\n".join([heading, *lines])


def _masked_values(engine: sa.Engine, quarantine_id: uuid.UUID) -> Mapping[str, str | int]:
    query = sa.select(MASKED_ROWS.c.masked_values).where(MASKED_ROWS.c.quarantine_id == quarantine_id)
    with engine.connect() as connection:
        values: Mapping[str, str | int] | None = connection.scalar(query)
    return values or {}


def _code(value: str | int | None) -> str:
    """As Markdown that shows it to the letter."""
    text = str(value or "").replace("`", "'").replace("|", "\\|").strip()
    return f"`{text}`" if text else "nothing"
