"""More values than a statement has places for (65,535) are one parameter of it."""

import uuid

import sqlalchemy as sa

from hub.vault.reading import encrypted_texts
from hub.warehouse.columns import is_none_of, is_one_of, is_one_row_of
from hub.warehouse.tables import QUARANTINED_ROWS

TABLE = sa.Table(
    "places",
    sa.MetaData(),
    sa.Column("report_id", sa.UUID),
    sa.Column("role", sa.Text),
    sa.Column("number", sa.BigInteger),
    prefixes=["temporary"],
)
MANY = 70_000


def test_any_number_of_values_and_of_rows_of_values_is_asked_for(engine: sa.Engine) -> None:
    ids = [uuid.UUID(int=number) for number in range(MANY)]
    rows = [(one, "victim" if one.int % 2 else "reporter", one.int) for one in ids]
    number, place = TABLE.c.number, (TABLE.c.report_id, TABLE.c.role)
    with engine.connect() as connection:
        TABLE.create(connection)
        stated = [*rows[:3], (ids[3], "reporter", 3), (uuid.UUID(int=MANY), "victim", MANY), (None, "victim", -1)]
        names = ("report_id", "role", "number")
        connection.execute(sa.insert(TABLE), [dict(zip(names, row, strict=True)) for row in stated])

        def numbers(wanted: sa.ColumnElement[bool]) -> list[int]:
            return list(connection.execute(sa.select(number).where(wanted).order_by(number)).scalars())

        assert numbers(is_one_of(TABLE.c.report_id, ids)) == [0, 1, 2, 3]
        assert numbers(is_none_of(TABLE.c.report_id, ids)) == [MANY]
        assert numbers(is_one_row_of(place, [row[:2] for row in rows])) == [0, 1, 2]
        assert numbers(is_one_row_of(place, [])) == []


def test_texts_of_any_number_of_quarantined_rows_are_read(engine: sa.Engine) -> None:
    asked = (uuid.UUID(int=number) for number in range(MANY))
    with engine.connect() as connection:
        assert not connection.scalar(sa.select(sa.exists(sa.select(QUARANTINED_ROWS))))
        assert encrypted_texts(connection, asked) == {}
