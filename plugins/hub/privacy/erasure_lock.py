"""One erasure or masking of a warehouse at a time: two that rewrite the same landed file would each keep the other's
person in it."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

ERASURE_LOCK = 4_207_041


@contextmanager
def one_erasure_at_a_time(engine: sa.Engine) -> Iterator[None]:
    """Wait for any other erasure or masking, and keep others waiting until this one is done."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock(ERASURE_LOCK)))
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(ERASURE_LOCK)))
