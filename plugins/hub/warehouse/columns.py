"""Columns that tables of several packages have."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY


def instant(
    name: str, *, nullable: bool = True, default_now: bool = False, comment: str | None = None
) -> sa.Column[object]:
    """A point in time; with ``default_now`` by the clock of the transaction, so that all that one run writes has one
    time."""
    kind, default = sa.TIMESTAMP(timezone=True), sa.func.now() if default_now else None
    return sa.Column(name, kind, nullable=nullable, server_default=default, comment=comment)


def is_one_of(column: sa.ColumnElement[Any], values: Collection[object]) -> sa.ColumnElement[bool]:
    """Any number of values: as an array they are one parameter of a statement, which has room for 65,535."""
    return column == sa.any_(_array(column, values))


def is_none_of(column: sa.ColumnElement[Any], values: Collection[object]) -> sa.ColumnElement[bool]:
    """The contrary of :func:`is_one_of`."""
    return column != sa.all_(_array(column, values))


def is_one_row_of(columns: Sequence[sa.ColumnElement[Any]], rows: Iterable[Sequence[object]]) -> sa.ColumnElement[bool]:
    """Any number of rows of values: as :func:`is_one_of`, a parameter for each column."""
    by_column = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [_array(column, values) for column, values in zip(columns, by_column, strict=True)]
    return sa.tuple_(*columns).in_(sa.select(*(sa.func.unnest(array) for array in arrays)))


def _array(column: sa.ColumnElement[Any], values: Collection[object]) -> sa.ColumnElement[Any]:
    return sa.literal(list(values), ARRAY(column.type))
