"""How the page reads the warehouse: as the auditor, one moment of it, for a short time."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from fastapi import HTTPException, Request

from hub.warehouse.engine import WarehouseProblem, open_warehouse
from hub.warehouse.roles import Role

LONGEST_QUERY = "5s"


@contextmanager
def reading(request: Request) -> Iterator[sa.Connection]:
    """One moment of the warehouse, which nothing here can change."""
    try:
        engine = open_warehouse(request.app.state.settings, Role.AUDITOR)
    except WarehouseProblem:
        raise HTTPException(503) from None
    with engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:
        connection.execute(sa.text(f"set local statement_timeout = '{LONGEST_QUERY}'"))
        yield connection
