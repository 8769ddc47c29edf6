"""What a start tells at its end: which forecasts are not published and why, and what to do next."""

from collections.abc import Iterator

import sqlalchemy as sa

from hub.local.components import program_folder

WITHHELD = """
    select distinct panel, withheld_because from publish.hotspot_evaluation_v1
    where is_withheld order by panel
"""


def withheld_forecasts(engine: sa.Engine) -> dict[str, str]:
    """Why each panel that is not published is not, and how far it is from being so."""
    with engine.connect() as connection:
        return {row.panel: row.withheld_because.split(";")[0] for row in connection.execute(sa.text(WITHHELD))}


def next_steps() -> Iterator[tuple[str, str]]:
    """What somebody who sees the hub for the first time may want, and a command for each."""
    hub = f"{program_folder()}/hub"
    yield "What waits for somebody", f"{hub} status"
    yield "The week's briefing", f"{hub} briefing"
    yield "Rows that were not accepted, and why", f"{hub} quarantine list"
    yield "A question in SQL", f"{hub} psql -- -c 'table publish.force_scorecard_protected_v1 limit 5'"
    yield "A published table as files", f"{hub} extract public_statistics_v1"
