"""One at a time, over all processes of a hub."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa


@contextmanager
def alone(engine: sa.Engine, lock: int) -> Iterator[bool]:
    """Whether nobody else holds ``lock``; until the end of this nobody else does. A process that is killed loses it at
    once."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_alone = bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(lock))))
        try:
            yield is_alone
        finally:
            if is_alone:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(lock)))
