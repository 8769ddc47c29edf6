"""Keeping the alerts up to date with all that can be wrong. Plain functions, imported inside tasks only."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from hub.contracts.model import read_catalogue
from hub.dispatch import alerts as dispatch_alerts
from hub.dispatch.recipients import read_recipients
from hub.exchange.mailed_links import causes as link_causes
from hub.ingest.collect import collect_unknown
from hub.ingest.prepare import prepare_warehouse
from hub.monitoring.detect_drift import detect_drift
from hub.monitoring.watch import Alert, Cause, watch_deliveries, watch_safeguards
from hub.orchestration.airflow_causes import airflow_causes
from hub.reporters.sending import causes as update_causes
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role


def watch(settings: Settings) -> dict[str, int]:
    """Keep and refuse files that belong to no feed, compare what came with the past, bring the alerts up to date, also
    those about DAGs that fail, questions that wait, dispatches, answer links and messages to reporters; return open
    alerts by kind."""
    catalogue = read_catalogue(settings.expectations)
    owner, engine = (open_warehouse(settings, role) for role in (Role.OWNER, Role.LOADER))
    prepare_warehouse(owner, catalogue.contracts.values())
    collect_unknown(settings, engine, catalogue)
    now, recipients = datetime.now(UTC), read_recipients(settings.recipients)
    detect_drift(engine, catalogue.contracts.values(), now)

    def others(connection: sa.Connection) -> list[Cause]:
        causes = [*airflow_causes(settings, connection, now), *dispatch_alerts.causes(connection, recipients, now)]
        with owner.connect() as as_owner:  # who loads may not see tokens and messages
            return [*causes, *link_causes(as_owner, recipients), *update_causes(as_owner)]

    return _by_kind(watch_deliveries(engine, catalogue, settings, now, others))


def watch_over_safeguards(settings: Settings) -> dict[str, int]:
    """Verify the audit log and the roles' passwords and bounds; return open alerts about these by kind."""
    return _by_kind(watch_safeguards(open_warehouse(settings, Role.LOADER), settings, datetime.now(UTC)))


def _by_kind(alerts: Sequence[Alert]) -> dict[str, int]:
    kinds = [alert.cause.kind for alert in alerts]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}
