"""The files that the records become, as text by their path in the project."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from hub.linkage.transparency.evaluation import read_evaluation
from hub.linkage.transparency.records import Record, read_records
from hub.linkage.transparency.standard import MEASURED, VERSION

HERE = Path(__file__).parent
TEXTS, EVALUATION = HERE / "records.yaml", HERE / "evaluation.json"
FOLDER = "docs/transparency"
CODE_LIST = "dbt_project/seeds/linkage_transparency.csv"
COLUMNS = ("record_code", "field_number", "tier", "section", "field_code", "field_name", "statement", "is_measured")
DATES = ("valid_from", "review_on")


def transparency_pages(texts: Path = TEXTS, evaluation: Path = EVALUATION) -> Mapping[str, str]:
    """Text by path: of each record a page and its JSON, and the code list with all fields of all records.
    Raises
    :class:`~hub.linkage.transparency.records.RecordRefused`."""
    records = read_records(texts, read_evaluation(evaluation))
    pages = {f"{FOLDER}/{record.code}.md": "\n".join(_markdown(record)) + "\n" for record in records}
    pages |= {f"{FOLDER}/{record.code}.json": _json(record) for record in records}
    return {**pages, CODE_LIST: _code_list(records)}


def _markdown(record: Record) -> Iterator[str]:
    titles = [statement for field, statement in record.statements.items() if field.code == "name"]
    yield f"# {titles[0]}"
    yield ""
    yield (
        f"Algorithmic transparency record, fields of the Algorithmic Transparency Recording Standard {VERSION}."
        f" In force from {record.valid_from}, to be reviewed by {record.review_on}. Made by `hub docs write` from"
        " `plugins/hub/linkage/transparency/`; do not edit by hand."
    )
    for (tier, section), fields in groupby(record.statements, lambda field: (field.tier, field.section)):
        yield ""
        yield f"## Tier {tier}: {section}"
        for field in fields:
            yield ""
            yield f"**{field.number} {field.name}**  "
            yield record.statements[field]


def _json(record: Record) -> str:
    held = {
        "standard": "Algorithmic Transparency Recording Standard",
        "standard_version": VERSION,
        "record_code": record.code,
        **{name: getattr(record, name).isoformat() for name in DATES},
        **{field.code: statement for field, statement in record.statements.items()},
    }
    return json.dumps(held, indent=1, ensure_ascii=False) + "\n"


def _code_list(records: Sequence[Record]) -> str:
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow((*COLUMNS, *DATES))
    for record in records:
        for field, statement in record.statements.items():
            named = (record.code, field.number, field.tier, field.section, field.code, field.name)
            is_measured = str(field.code == MEASURED).lower()
            rows.writerow((*named, statement.replace("\n\n", " "), is_measured, record.valid_from, record.review_on))
    return written.getvalue()
