"""Whether a newer contract still fits what the archive holds of its feed."""

import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.ingest.archive.tables import ARCHIVE_FILES
from hub.warehouse.engine import WarehouseProblem
from hub.warehouse.tables import DELIVERIES


def refuse_unfit(connection: sa.Connection, contract: Contract) -> None:
    """Refuse a contract without the rule by which rows of its feed were archived, and one that calls personal what the
    archive holds in the clear. Raises :class:`~hub.warehouse.engine.WarehouseProblem`."""
    unnested = sa.func.unnest(ARCHIVE_FILES.c.columns).label("name")
    query = (
        sa.select(unnested)
        .join(DELIVERIES, ARCHIVE_FILES.c.delivery_id == DELIVERIES.c.delivery_id)
        .where(DELIVERIES.c.feed == contract.feed)
        .distinct()
    )
    given: set[str] = set(connection.execute(query).scalars())
    remedy = (
        f"withdraw the deliveries of {contract.feed} under the version before, then restore them under version"
        f" {contract.version}"
    )
    if given and contract.followed is None:
        raise WarehouseProblem(f"the archive holds rows of {contract.feed}, whose contract has no followed: {remedy}")
    if personal := sorted(given & {column.name for column in contract.personal_columns}):
        raise WarehouseProblem(f"the archive holds {', '.join(personal)} in the clear, which is personal now: {remedy}")
