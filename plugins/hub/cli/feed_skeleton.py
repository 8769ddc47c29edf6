"""The files with which a new feed begins. They hold as they are, so that every later change is seen to hold or not."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path


class Form(StrEnum):
    """Forms of files for which there is a skeleton."""

    CSV = "csv"
    JSONL = "jsonl"
    XML = "xml"


def skeleton(feed: str, form: Form) -> Mapping[Path, str]:
    """The text of each file, by its path relative to the project."""
    folder = Path("expectations", feed)
    staging = Path("dbt_project", "models", "staging", feed)
    good, bad = GOOD_RECORDS, BAD_RECORDS
    return {
        folder / "contract.yaml": CONTRACT.format(
            feed=feed, title=feed.replace("_", " ").capitalize(), form=FORMS[form]
        ),
        folder / "samples" / f"good.{form}": _written(good, form),
        folder / "samples" / f"bad.{form}": _written([record for record, _ in bad], form),
        folder / "samples" / "bad.reasons.yaml": "".join(
            f"- {{row_number: {number}, rule: {rule}}}\n" for number, (_, rule) in enumerate(bad, 1) if rule
        ),
        staging / f"stg_{feed}.sql": STAGING_SQL.format(feed=feed),
        staging / f"stg_{feed}.yml": STAGING_YAML.format(feed=feed),
    }


def left_to_do(feed: str) -> str:
    """What no skeleton can know."""
    return LEFT_TO_DO.format(feed=feed)


def _written(records: list[tuple[str, str, str]], form: Form) -> str:
    names = ("record_ref", "happened_at", "description")
    match form:
        case Form.CSV:
            return "".join(f"{','.join(cells)}\n" for cells in [names, *records])
        case Form.JSONL:
            return "".join(
                "{" + ", ".join(f'"{name}": "{cell}"' for name, cell in zip(names, record, strict=True)) + "}\n"
                for record in records
            )
        case Form.XML:
            rows = [
                "".join(f"<{name}>{cell}</{name}>" for name, cell in zip(names, record, strict=True))
                for record in records
            ]
            body = "".join(f"  <record>{row}</record>\n" for row in rows)
            return f'<?xml version="1.0" encoding="UTF-8"?>\n<records count="{len(records)}">\n{body}</records>\n'


FORMS = {
    Form.CSV: "formats: [csv]",
    Form.JSONL: "formats: [jsonl]",
    Form.XML: "formats: [xml]\n      rowPath: record\n      countAttribute: count",
}

GOOD_RECORDS = [
    ("A-0001", "2026-10-02T09:15:00+01:00", "First sample"),
    ("A-0002", "2026-10-02T08:15:00Z", ""),
]

BAD_RECORDS = [
    (("A-0001", "2026-10-02T09:15:00+01:00", "A record that is right"), None),
    (("", "2026-10-02T09:15:00+01:00", "No reference"), "record_ref.required"),
    (("1", "2026-10-02T09:15:00+01:00", "Not a reference"), "record_ref.pattern"),
    (("A-0001", "2026-10-02T09:15:00+01:00", "A reference for the second time"), "record_ref.unique"),
    (("A-0005", "", "No time"), "happened_at.required"),
    (("A-0006", "last week", "Not a time"), "happened_at.type"),
    (("A-0007", "1026-10-02T09:15:00+01:00", "Out of range"), "happened_at.range"),
    (("A-0008", "2999-10-02T09:15:00+01:00", "Later than its receipt"), "happened_at.future"),
    (("A-0009", "2026-10-02T09:15:00+01:00", "x" * 1001), "description.length"),
]

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: {feed}
name: {title}
version: 0.1.0
status: active

description:
  purpose: What the records are about, and who makes them.
  usage: What the hub does with them.
  limitations: What they cannot say.

team:
  name: Hub intake desk
  members:
    - username: hub-intake-desk
      role: owner

schema:
  - name: records
    description: One row per record.
    properties:
      - name: record_ref
        description: The sender's reference of the record.
        logicalType: string
        logicalTypeOptions:
          pattern: '^[A-Z]-[0-9]{{4,10}}$'
        required: true
        unique: true
        primaryKey: true
        primaryKeyPosition: 1
        classification: internal
      - name: happened_at
        description: When it happened, with offset.
        logicalType: timestamp
        logicalTypeOptions:
          minimum: '2016-01-01T00:00:00+00:00'
        required: true
        classification: internal
      - name: description
        description: What happened, in words.
        logicalType: string
        logicalTypeOptions:
          maxLength: 1000
        classification: sensitive
    quality:
      - name: delivery.rows
        type: custom
        engine: greatExpectations
        implementation:
          type: expect_table_row_count_to_be_between
          kwargs:
            min_value: 1
            max_value: 100000
          meta:
            because: the sender sends a file only when there is something in it

slaProperties:
  - property: frequency
    value: 1
    unit: d
  - property: latency
    value: 24
    unit: h

customProperties:
  - property: sender
    value: Name of the sender
  - property: rejectedRows
    value:
      mostShare: 0.2
      minimumRows: 20
      because: Why a delivery with more wrong rows than this must be looked at first.
  - property: fileForm
    value:
      {form}
      encoding: utf-8
  - property: eventColumn
    value: happened_at
"""

STAGING_SQL = """\
{{{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['record_ref'],
        indexes=[
            {{'columns': ['record_ref'], 'unique': true}},
            {{'columns': ['record_id'], 'unique': true}},
            {{'columns': ['delivery_id']}},
        ],
    )
}}}}

with source as (
    {{{{ accepted_rows('{feed}', new_only=is_incremental()) }}}}
),

renamed as (
    select
        {{{{ stable_id(["'{feed}'", "record_ref"]) }}}} as record_id,
        delivery_id,
        row_number,
        _record_hash as record_hash,
        loaded_at,
        record_ref,
        description_token,
        cast(happened_at as timestamptz) as happened_at
    from source
)

{{{{ newest_delivered('renamed', key=['record_ref']) }}}}
"""

STAGING_YAML = """\
version: 2

models:
  - name: stg_{feed}
    description: One row per record, in its latest version.
    columns:
      - name: record_id
        data_type: uuid
        description: The record; the same in every build.
        constraints:
          - type: not_null
      - name: delivery_id
        data_type: uuid
        description: "{{{{ doc('delivery_id') }}}}"
        constraints:
          - type: not_null
      - name: row_number
        data_type: bigint
        description: "{{{{ doc('row_number') }}}}"
        constraints:
          - type: not_null
      - name: record_hash
        data_type: uuid
        description: "{{{{ doc('record_hash') }}}}"
      - name: loaded_at
        data_type: timestamp with time zone
        description: "{{{{ doc('loaded_at') }}}}"
      - name: record_ref
        data_type: text
        description: The sender's reference of the record.
        constraints:
          - type: not_null
      - name: description_token
        data_type: text
        description: Keyed token in place of what happened, in words.
      - name: happened_at
        data_type: timestamp with time zone
        description: When it happened.
        constraints:
          - type: not_null
"""

LEFT_TO_DO = """\
What is left to do:
  1. expectations/{feed}/contract.yaml: say what the sender promises (expectations/README.md explains each key).
  2. expectations/{feed}/samples/: a right record for every oddity, a wrong one for every rule.
  3. hub feed declare {feed}: tell dbt of the raw table again; hub feed check {feed}: see that all holds.
  4. dbt_project/models/staging/{feed}/stg_{feed}.sql: its columns under the names of the other feeds.
  5. One line where its rows join others. Reports, for example: give the staging model the columns of
     dbt_project/macros/report_columns.sql, and add to the models that
     dbt_project/models/intermediate/reports/int_reports__all_feeds.sql joins:
         'stg_{feed}',
     (dbt_project/seeds/report_origins.csv says who a feed's reports are from; forecasts do not learn from one that is
     not in it.) Rows that join nothing: give the contract the custom property joinsNothing, which says why.
  6. hub docs write, and pytest tests/contracts"""
