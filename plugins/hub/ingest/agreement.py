"""Rows of one delivery that say different things of one record, found when all of them are in raw.

In SQL over what the load has written, so that it holds over all chunks of a file and needs no memory for it.
"""

import uuid

import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.contracts.rules import AgreementRule
from hub.warehouse.tables import raw_table

DISAGREEING = """
    with stated as (
        select records._row_number as row_number, {columns}
        from {raw} as records where records._delivery_id = :delivery_id
        union all
        select restated.row_number, {columns}
        from ledger.restated_records as restated
        inner join {raw} as records on records._record_hash = restated.record_hash
        where restated.delivery_id = :delivery_id
    ),
    disagreed as (
        select {key} from stated where {filled}
        group by {key} having count(distinct value) > 1
    )
    select stated.row_number from stated inner join disagreed using ({key}) order by stated.row_number
    limit :most
"""


def disagreeing_rows(
    connection: sa.Connection, contract: Contract, rule: AgreementRule, delivery_id: uuid.UUID, most: int | None = None
) -> list[int]:
    """Numbers of the accepted rows of a delivery whose key has more than one value, the first ``most``. A row without a
    key, or without a value, disagrees with none; but a row without a value goes with the others of its key."""
    quote = connection.dialect.identifier_preparer
    key = [quote.quote(contract.column(name).raw_name) for name in rule.key]
    value = quote.quote(contract.column(rule.column).raw_name)
    query = DISAGREEING.format(
        raw=quote.format_table(raw_table(contract)),
        columns=", ".join([*(f"records.{one}" for one in key), f"records.{value} as value"]),
        key=", ".join(key),
        filled=" and ".join(f"{one} is not null" for one in key),
    )
    return list(connection.execute(sa.text(query), {"delivery_id": delivery_id, "most": most}).scalars())
